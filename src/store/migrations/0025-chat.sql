-- Answers of the chat, so that a message that comes twice is answered once, and what each person talks about in each
-- conversation. Times are epoch milliseconds of our clock.
create table chat_answer (
  channel      text not null,
  conversation text not null,
  sender       text not null,
  message_id   text not null,
  text_hash    text not null,
  answer       jsonb not null,
  answered_at  bigint not null,
  primary key (channel, conversation, sender, message_id)
);
create index chat_answer_age on chat_answer (answered_at);

create table chat_context (
  channel      text not null,
  conversation text not null,
  sender       text not null,
  context      jsonb not null,
  updated_at   bigint not null,
  primary key (channel, conversation, sender)
);
create index chat_context_age on chat_context (updated_at);
