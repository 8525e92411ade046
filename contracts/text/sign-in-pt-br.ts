/** Textos da entrada no console. */
export const signInPtBr = {
  'console.signin.chat': 'Pelo chat',
  'console.signin.chat_how': 'Escreva link para o bot, em conversa direta, e toque no link da resposta. Ele abre uma sessão sua, uma vez.',
  'console.signin.code': 'Com um código',
  'console.signin.code_how':
    'Em uma tela em que você já entrou: Configurações, Entrar em outro aparelho. No servidor: npx guardian access code.',
  'console.signin.enter': 'Entrar',
  'console.signin.server': 'Pelo servidor',
  'console.signin.server_how': 'Abra o endereço mostrado na inicialização ou peça um novo:',
  'console.signin.title': 'Entre no console',
  'console.signin.wanted': 'Depois de entrar, você vai direto para a página deste link.',
} as const;
