import type { signInPtBr } from './sign-in-pt-br.ts';

/** Texts of signing in to the console in English. */
export const signInEn: Record<keyof typeof signInPtBr, string> = {
  'console.signin.chat': 'From the chat',
  'console.signin.chat_how': 'Write link to the bot, in a direct chat, and tap the link in its answer. It opens a session of yours, once.',
  'console.signin.code': 'With a code',
  'console.signin.code_how':
    'On a screen where you are signed in: Settings, Sign in another device. On the server: npx guardian access code.',
  'console.signin.enter': 'Sign in',
  'console.signin.server': 'From the server',
  'console.signin.server_how': 'Open the address printed at startup, or create a new one:',
  'console.signin.title': 'Sign in to the console',
  'console.signin.wanted': 'After signing in you go straight to the page of this link.',
};
