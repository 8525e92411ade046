import { en } from './en.ts';
import { ptBr } from './pt-br.ts';
import { createTexts } from './render-text.ts';

export { chooseLocale, joinReasons, LOCALES, moneyText, type Locale, type TextOptions, type TextParams } from './render-text.ts';

export type TextKey = keyof typeof ptBr;

/** The whole catalogue. The console has its own part of it (`console-text.ts`). */
export const { text, isTextKey, reasonText } = createTexts<TextKey>({ 'pt-BR': ptBr, en });
