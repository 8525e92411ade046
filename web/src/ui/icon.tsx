import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';

export type IconName =
  | Severity
  | 'resolved'
  | 'live'
  | 'replay'
  | 'stalled'
  | 'learning'
  | 'lost'
  | 'empty'
  | 'connecting'
  | 'starting'
  | 'behind'
  | 'catching_up'
  | 'chevron'
  | 'copy'
  | 'check'
  | 'noise'
  | 'search'
  | 'chat'
  | 'menu';

const CLOCK = (
  <path
    d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7.2 3.500v5.200l3.600 2.100.8-1.400-2.800-1.600V3.500z"
    fill="currentColor"
    fillRule="evenodd"
  />
);

const ARC = <path d="M8 2a6 6 0 0 1 6 6h-1.600A4.400 4.400 0 0 0 8 3.600z" fill="currentColor" />;

// Shapes differ as much as colours do: octagon, triangle, circle.
const SHAPES: Readonly<Record<IconName, React.ReactNode>> = {
  critical: <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5zm2.200 3v5h1.600V4zm0 6.400V12h1.600v-1.600z" fill="currentColor" fillRule="evenodd" />,
  warning: (
    <path d="M8 1.200 15.500 14.500H.5zM7.200 6v4.300h1.600V6zm0 5.300v1.600h1.600v-1.600z" fill="currentColor" fillRule="evenodd" />
  ),
  info: <path d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm-.8 6v5h1.600V7zm0-2.800v1.700h1.600V4.200z" fill="currentColor" fillRule="evenodd" />,
  resolved: (
    <path
      d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM4.200 8.300l1-1 1.900 1.900 3.700-3.900 1.100 1-4.800 5z"
      fill="currentColor"
      fillRule="evenodd"
    />
  ),
  live: <circle cx="8" cy="8" r="5" fill="currentColor" />,
  replay: (
    <path
      d="M8 2a6 6 0 1 1-5.600 8.200l1.500-.6A4.400 4.400 0 1 0 4.500 5.300L6.400 7.200H1.300V2.100l2 2A6 6 0 0 1 8 2z"
      fill="currentColor"
    />
  ),
  stalled: <path d="M4 3h3v10H4zm5 0h3v10H9z" fill="currentColor" />,
  learning: <path d="M2 13V9h2.500v4zm4.700 0V6h2.500v7zm4.800 0V3H14v10z" fill="currentColor" />,
  lost: (
    <path
      d="m2 3 1.100-1.100 11 11L13 14l-3.200-3.200a3 3 0 0 0-3.900.3L4.700 9.900a4.700 4.700 0 0 1 2.500-1.300L5.400 6.800a7 7 0 0 0-2.600 1.600L1.600 7.200a9 9 0 0 1 2.500-1.700zm5.300 1.600a9 9 0 0 1 7.100 2.600l-1.200 1.200a7 7 0 0 0-3.900-2z"
      fill="currentColor"
    />
  ),
  empty: <path d="M3 7.200h10v1.600H3z" fill="currentColor" />,
  connecting: ARC,
  starting: ARC,
  behind: CLOCK,
  catching_up: CLOCK,
  chevron: <path d="m5 3 5 5-5 5" fill="none" stroke="currentColor" strokeWidth="1.800" strokeLinecap="round" strokeLinejoin="round" />,
  copy: <path d="M5.500 5.500V2.500h8v8h-3m-8-5h8v8h-8z" fill="none" stroke="currentColor" strokeWidth="1.400" strokeLinejoin="round" />,
  search: (
    <path
      d="M7 2.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9zm3.300 7.800 3.700 3.700"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.600"
      strokeLinecap="round"
    />
  ),
  chat: <path d="M2 3h12v8H7.500L4 14v-3H2z" fill="none" stroke="currentColor" strokeWidth="1.500" strokeLinejoin="round" />,
  menu: <path d="M2 3.200h12v1.600H2zm0 4h12v1.600H2zm0 4h12v1.600H2z" fill="currentColor" />,
  noise: <path d="M3 3.500 12.500 13M13 3.500 3.500 13" fill="none" stroke="currentColor" strokeWidth="1.800" strokeLinecap="round" />,
  check: (
    <path
      d="m3 8.500 3.200 3.200L13 4.800"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.800"
      strokeLinecap="round"
      strokeLinejoin="round"
    />
  ),
};

/** A small picture beside its text: it is hidden from screen readers, so the text must say the same. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg className={`icon icon-${name}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      {SHAPES[name]}
    </svg>
  );
}
