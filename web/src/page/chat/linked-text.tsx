const ADDRESS = /https?:\/\/[^\s<>"]+/g;

/** A text whose addresses can be followed. Only http and https are; everything else stays text. */
export function LinkedText({ text }: { readonly text: string }) {
  const found = [...text.matchAll(ADDRESS)];
  const ends = found.map((match) => match.index + match[0].length);
  return (
    <>
      {found.map((match, index) => (
        <span key={match.index}>
          {text.slice(ends[index - 1] ?? 0, match.index)}
          <a className="page-link" href={match[0]} target="_blank" rel="noreferrer noopener">
            {match[0]}
          </a>
        </span>
      ))}
      {text.slice(ends.at(-1) ?? 0)}
    </>
  );
}
