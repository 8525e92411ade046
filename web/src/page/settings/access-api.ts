import type { AccessList, NewAccessCode, Session } from '@transaction-guardian/contracts/access.ts';
import type { Ask } from '../../live/ask.ts';

/** What the settings ask of the server. Every method throws ApiError. */
export interface AccessApi {
  session(): Promise<Session>;
  signOut(): Promise<void>;
  access(): Promise<AccessList>;
  makeCode(): Promise<NewAccessCode>;
  revokeLink(id: string): Promise<void>;
  endSession(id: string): Promise<void>;
}

export function createAccessApi({ get, send }: Ask): AccessApi {
  return {
    session: () => get('/session'),
    signOut: () => send('DELETE', '/session'),
    access: () => get('/access'),
    makeCode: () => send('POST', '/access/codes', {}),
    revokeLink: (id) => send('DELETE', `/access/links/${encodeURIComponent(id)}`),
    endSession: (id) => send('DELETE', `/access/sessions/${encodeURIComponent(id)}`),
  };
}
