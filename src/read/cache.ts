/** Something that a server keeps in memory to answer faster, and reads again when it is gone. */
export interface Cache {
  readonly name: string;
  /** Entries that it holds. */
  size(): number;
  clear(): void;
}
