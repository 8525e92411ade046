import { deskEn } from './desk-en.ts';
import { deskPtBr } from './desk-pt-br.ts';
import { createTexts } from './render-text.ts';

export type DeskTextKey = keyof typeof deskPtBr;

/** The part of the catalogue that comes after the first script of the console. */
export const { text: deskText } = createTexts<DeskTextKey>({ 'pt-BR': deskPtBr, en: deskEn });
