import { Type, type Static } from 'typebox';
import { ActorIdentity } from './actor.ts';
import { ROLES } from './role.ts';
import { LOCALES } from './text/render-text.ts';

const time = (description: string) => Type.String({ format: 'date-time', description });
const maybe = (description: string) => Type.Union([time(description), Type.Null()]);

/** A link or a code that opens one session of the console, once, for one person. */
export const AccessLink = Type.Object(
  {
    kind: Type.Enum(['link', 'code'], { description: 'A code is typed on the device that is to be signed in.' }),
    id: Type.String({ description: 'Names the link; opens nothing.' }),
    person: Type.String({
      description: 'Id of the person whom the session will be of; `session:<id>`: like that session, of nobody who is configured.',
    }),
    person_name: Type.String({ description: 'Configured name of that person; the id where there is none.' }),
    made_by: Type.String({ description: 'Actor id.' }),
    made_by_name: Type.String({ description: 'Configured name of that actor; the id where there is none.' }),
    made_at: time('Wall clock of the server.'),
    expires_at: time('From then on it opens nothing.'),
    used_at: maybe('When it opened its session.'),
    revoked_at: maybe('When somebody revoked it.'),
  },
  { title: 'AccessLink' },
);
export type AccessLink = Static<typeof AccessLink>;

/** `POST /access/links`: the link of a person, once. */
export const NewAccessLink = Type.Object(
  {
    id: Type.String(),
    person: Type.String(),
    url: Type.String({ description: 'The secret: for this person alone.' }),
    expires_at: time(''),
  },
  { title: 'NewAccessLink' },
);
export type NewAccessLink = Static<typeof NewAccessLink>;

/** `POST /access/codes`: the code of a person, once. */
export const NewAccessCode = Type.Object(
  {
    id: Type.String(),
    person: Type.String(),
    code: Type.String({ description: 'The secret: for this person alone.', examples: ['7K3M-9QXA'] }),
    expires_at: time(''),
  },
  { title: 'NewAccessCode' },
);
export type NewAccessCode = Static<typeof NewAccessCode>;

/** A session of the console. */
export const AccessSession = Type.Object(
  {
    id: Type.String({ description: 'Names the session; opens nothing.' }),
    actor: Type.String({ description: 'Who acts in it: the id of a person, or `session:<id>`.' }),
    actor_name: Type.String({ description: 'Configured name of that person; the id where there is none.' }),
    link: Type.Union([Type.String(), Type.Null()], {
      description: 'The personal link or code that opened it; null for one of the server.',
    }),
    opened_at: time('Wall clock of the server.'),
    expires_at: time('From then on the cookie is worth nothing.'),
    address: Type.Union([Type.String(), Type.Null()], { description: 'Source address of the request that opened it.' }),
    ended_at: maybe('When it was ended before its time.'),
  },
  { title: 'AccessSession' },
);
export type AccessSession = Static<typeof AccessSession>;

const SessionActor = Type.Object({
  ...Type.Pick(ActorIdentity, ['id', 'name']).properties,
  role: Type.Union([Type.Enum([...ROLES]), Type.Null()], { description: 'What the actor may do; null: nothing but look.' }),
  language: Type.Optional(Type.Enum([...LOCALES], { description: 'Of a person who has one in the configuration.' })),
});

/** `GET /session`: who acts in this browser. */
export const Session = Type.Object(
  {
    authenticated: Type.Boolean(),
    id: Type.Union([Type.String(), Type.Null()], { description: 'Names the session, as `GET /access` does.' }),
    expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
    actor: Type.Union([SessionActor, Type.Null()], { description: 'Who acts in this session.' }),
  },
  { title: 'Session' },
);
export type Session = Static<typeof Session>;

/** `GET /access`: open links, codes and sessions, and those of the last day, newest first. */
export const AccessList = Type.Object({ links: Type.Array(AccessLink), sessions: Type.Array(AccessSession) }, { title: 'AccessList' });
export type AccessList = Static<typeof AccessList>;
