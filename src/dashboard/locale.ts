/**
 * The language in which numbers are written. In the POSIX locale a browser says that it speaks `en-US@posix`, which it does not know
 * itself: whatever asks it to write a number in that, as the charts' library does when it is loaded, would throw. Loaded before all else.
 */
const isKnown = (language: string): boolean => {
  try {
    return Intl.NumberFormat.supportedLocalesOf(language).length > 0
  } catch {
    return false
  }
}

export const locale = isKnown(navigator.language) ? navigator.language : 'en'

if (locale !== navigator.language) Object.defineProperty(navigator, 'language', { value: locale, configurable: true })
