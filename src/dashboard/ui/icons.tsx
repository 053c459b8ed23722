import type { ReactNode } from 'react'

/** Icons say nothing to a screen reader: what they stand for is written beside them, or in a label. */
const Icon = ({ children, size = 15 }: { children: ReactNode; size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinecap="round"
    strokeLinejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    {children}
  </svg>
)

export const Logo = ({ size = 22 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <rect width="32" height="32" rx="7" fill="var(--accent)" />
    <path
      d="M5 11c3.7-3 7.3-3 11 0s7.3 3 11 0M5 17c3.7-3 7.3-3 11 0s7.3 3 11 0M5 23c3.7-3 7.3-3 11 0s7.3 3 11 0"
      fill="none"
      stroke="var(--accent-text)"
      strokeWidth="2.6"
      strokeLinecap="round"
    />
  </svg>
)

const paths = {
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM14 14l-3.4-3.4',
  settings:
    'M2 4.5h7m4 0h1M2 11.5h1m4 0h7M11 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6ZM5 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6Z',
  run: 'M4.5 2.8v10.4L13 8 4.5 2.8Z',
  newest: 'M4 3v10m0 0 2.5-2.5M4 13l-2.5-2.5M9 4h5M9 8h4M9 12h3',
  oldest: 'M4 13V3m0 0 2.5 2.5M4 3 1.5 5.5M9 4h3M9 8h4M9 12h5',
  previous: 'M10 3 5 8l5 5',
  next: 'm6 3 5 5-5 5',
  sigma: 'M12 3.5H4.5L8.5 8l-4 4.5H12',
  more: 'M3 8h.01M8 8h.01M13 8h.01',
  close: 'm3.5 3.5 9 9m0-9-9 9',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.2M8 13.8V15M1 8h1.2M13.8 8H15M3 3l.9.9M12.1 12.1l.9.9M3 13l.9-.9M12.1 3.9 13 3',
  moon: 'M13.5 9.7A5.8 5.8 0 0 1 6.3 2.5a5.8 5.8 0 1 0 7.2 7.2Z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  out: 'M6 2.5H3v11h3M10.5 11l3-3-3-3M13.5 8H6',
  plus: 'M8 3v10M3 8h10',
  send: 'm14 2-6 12-2-5.5L2 6.5 14 2Z',
  alert: 'M8 1.8 15 14H1L8 1.8ZM8 6.5v3.4M8 12h.01',
  check: 'm3 8.5 3.2 3.2L13 5',
  pause: 'M5.5 3v10M10.5 3v10',
  refresh: 'M13.5 8A5.5 5.5 0 1 1 11.6 3.8M13.5 2v3h-3',
  up: 'm4 10 4-4 4 4',
  down: 'm4 6 4 4 4-4',
} as const

export type IconName = keyof typeof paths

export const Glyph = ({ name, size }: { name: IconName; size?: number }) => (
  <Icon {...(size === undefined ? {} : { size })}>
    <path d={paths[name]} {...(name === 'more' ? { strokeWidth: 2.4 } : {})} />
  </Icon>
)
