/** Waits for `work`, but not for longer than `ms`; it goes on for itself. Rejects with what `late` makes then. */
export async function within<T>(
  ms: number,
  work: Promise<T>,
  late: (ms: number) => Error = () => new Error(`no answer within ${ms} ms`),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late(ms)), ms);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}
