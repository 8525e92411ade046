/** Parameters of a call. */
export type Params = Readonly<Record<string, unknown>>;

/** A message as the phone shows it. */
export interface PhoneMessage {
  readonly id: number;
  readonly chat: string;
  readonly text: string;
  /** Its text when it rang, before edits. */
  readonly rangWith: string;
  readonly photo: boolean;
  readonly replyTo: number | null;
  readonly buttons: readonly { readonly text: string; readonly callback_data: string }[];
  readonly edits: number;
  readonly at: number;
}
export const chatObject = (chat: string) => ({
  id: Number(chat),
  type: chat.startsWith('-') ? 'supergroup' : 'private',
  title: 'night shift',
  first_name: 'P',
});
export const from = (sender: string) => ({ id: Number(sender), is_bot: false, first_name: `P${sender}`, username: `p${sender}` });

/** The messages on the phones, and the calls of the Bot API that make and change them. */
export function createPhone() {
  const phone = new Map<number, PhoneMessage>();
  let nextMessage = 1000;

  const store = (params: Params, method: string): object => {
    const id = nextMessage++;
    const chat = String(params['chat_id']);
    const reply = params['reply_parameters'] as { message_id?: number } | string | undefined;
    const replied = typeof reply === 'string' ? (JSON.parse(reply) as { message_id?: number }) : reply;
    phone.set(id, {
      id,
      chat,
      text: textOf(params['text']) + textOf(params['caption']),
      rangWith: textOf(params['text']) + textOf(params['caption']),
      photo: method === 'sendPhoto',
      replyTo: replied?.message_id ?? (params['reply_to_message_id'] === undefined ? null : Number(params['reply_to_message_id'])),
      buttons: buttonsOf(params),
      edits: 0,
      at: Date.now(),
    });
    return {
      message_id: id,
      date: Math.floor(Date.now() / 1000),
      chat: chatObject(chat),
      from: { id: 1, is_bot: true, first_name: 'bot' },
      text: params['text'] ?? '',
    };
  };

  const results: Readonly<Record<string, (params: Params) => unknown>> = {
    getMe: () => ({
      id: 1,
      is_bot: true,
      first_name: 'guardian',
      username: 'guardian_bot',
      can_join_groups: true,
      can_read_all_group_messages: true,
    }),
    getChat: ({ chat_id }) => chatObject(String(chat_id)),
    sendMessage: (params) => store(params, 'sendMessage'),
    sendPhoto: (params) => store(params, 'sendPhoto'),
    editMessageText: (params) => {
      const id = Number(params['message_id']);
      const known = phone.get(id);
      if (known === undefined) throw new Error('Bad Request: message to edit not found');
      phone.set(id, { ...known, text: String(params['text']), buttons: buttonsOf(params), edits: known.edits + 1 });
      return { message_id: id, date: 0, chat: chatObject(known.chat), text: params['text'] };
    },
    editMessageReplyMarkup: (params) => {
      const known = phone.get(Number(params['message_id']));
      if (known !== undefined) phone.set(known.id, { ...known, buttons: buttonsOf(params) });
      return true;
    },
  };
  return { phone, nextId: () => nextMessage++, results };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function buttonsOf(params: Params): PhoneMessage['buttons'] {
  const markup = params['reply_markup'];
  const parsed = (typeof markup === 'string' ? JSON.parse(markup) : markup) as { inline_keyboard?: PhoneMessage['buttons'][] } | undefined;
  return parsed?.inline_keyboard?.flat() ?? [];
}
