import type { Api } from '../../live/api.ts';

/** What the page of silences asks of the server. */
export type SilencesApi = Pick<
  Api,
  'silences' | 'maintenance' | 'createSilence' | 'endSilence' | 'endElsewhere' | 'createMaintenance' | 'endMaintenance'
>;
