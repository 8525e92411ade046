/** How a part of the running program is doing. `starting`: it cannot say yet. */
export interface StageHealth {
  readonly status: 'ok' | 'starting' | 'degraded' | 'down';
  readonly detail?: string;
}

/** A long-running part of the flow, started and stopped by the composition root. */
export interface Stage {
  readonly name: string;
  /** Resolves when the stage is working. */
  start(): Promise<void>;
  /** Finishes what is in hand, commits and resolves. Safe to call twice, and after a failed start. */
  stop(): Promise<void>;
  health(): StageHealth;
}
