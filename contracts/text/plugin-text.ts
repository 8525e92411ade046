import { alertEn } from './alert-en.ts';
import { alertPtBr } from './alert-pt-br.ts';
import { pluginEn } from './plugin-en.ts';
import { pluginPtBr } from './plugin-pt-br.ts';
import { notifyEn } from './notify-en.ts';
import { notifyPtBr } from './notify-pt-br.ts';
import { createTexts } from './render-text.ts';
import { wordsEn } from './words-en.ts';
import { wordsPtBr } from './words-pt-br.ts';

const ptBr = { ...wordsPtBr, ...alertPtBr, ...notifyPtBr, ...pluginPtBr };

/** The part of the catalogue that the OpenClaw plugin needs. */
export const { text: pluginText } = createTexts<keyof typeof ptBr>({
  'pt-BR': ptBr,
  en: { ...wordsEn, ...alertEn, ...notifyEn, ...pluginEn },
});
