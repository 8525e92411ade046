import { alertEn } from './alert-en.ts';
import { alertPtBr } from './alert-pt-br.ts';
import { consoleEn } from './console-en.ts';
import { consolePtBr } from './console-pt-br.ts';
import { reasonEn } from './reason-en.ts';
import { reasonPtBr } from './reason-pt-br.ts';
import { createTexts } from './render-text.ts';
import { respondConsoleEn } from './respond-console-en.ts';
import { respondConsolePtBr } from './respond-console-pt-br.ts';
import { signInEn } from './sign-in-en.ts';
import { signInPtBr } from './sign-in-pt-br.ts';
import { wordsEn } from './words-en.ts';
import { wordsPtBr } from './words-pt-br.ts';

const ptBr = { ...alertPtBr, ...consolePtBr, ...respondConsolePtBr, ...reasonPtBr, ...signInPtBr, ...wordsPtBr };

export type ConsoleTextKey = keyof typeof ptBr;

/** The part of the catalogue that the browser needs: texts of the command line and of refusals stay on the server. */
export const { text, isTextKey, reasonText } = createTexts<ConsoleTextKey>({
  'pt-BR': ptBr,
  en: { ...alertEn, ...consoleEn, ...respondConsoleEn, ...reasonEn, ...signInEn, ...wordsEn },
});
