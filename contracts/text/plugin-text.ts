import { alertEn } from './alert-en.ts';
import { alertPtBr } from './alert-pt-br.ts';
import { pluginEn } from './plugin-en.ts';
import { pluginPtBr } from './plugin-pt-br.ts';
import { createTexts } from './render-text.ts';

const ptBr = { ...alertPtBr, ...pluginPtBr };

/** The part of the catalogue that the OpenClaw plugin needs. */
export const { text: pluginText } = createTexts<keyof typeof ptBr>({ 'pt-BR': ptBr, en: { ...alertEn, ...pluginEn } });
