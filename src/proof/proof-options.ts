/** What the watch over deliveries needs to know of receivers and of times. Milliseconds. */
export interface ProofOptions {
  /** The configured receivers: the second channel of each. */
  readonly receivers: ReadonlyMap<string, { readonly backup?: string | undefined }>;
  readonly timeoutMs: number;
  /** After so long the first receiver is notified again of an alert that still fires. */
  readonly repeatIntervalMs: number;
  /** When this process began to look. */
  readonly since: number;
}
