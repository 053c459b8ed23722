import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

const name = 'millrace.theme'
const listeners = new Set<() => void>()

const read = (): Theme => {
  const stored = localStorage.getItem(name)
  return stored === 'light' || stored === 'dark' ? stored : 'system'
}

export const applyTheme = (): void => {
  const theme = read()
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  for (const listener of listeners) listener()
}

export const setTheme = (theme: Theme): void => {
  localStorage.setItem(name, theme)
  applyTheme()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  const media = matchMedia('(prefers-color-scheme: dark)')
  media.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    media.removeEventListener('change', listener)
  }
}

/** What is shown now, whoever chose it: charts draw their colours themselves. */
export const useShade = (): 'light' | 'dark' =>
  useSyncExternalStore(subscribe, () => {
    const theme = read()
    if (theme !== 'system') return theme
    return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  })

export const useTheme = (): Theme => useSyncExternalStore(subscribe, read)
