import { Glyph, type IconName } from './icons.tsx'

interface IconButtonProps {
  readonly icon: IconName
  readonly label: string
  /** Another one than the label, such as the key that does the same. */
  readonly title?: string
  readonly className?: string
  readonly size?: number
  readonly disabled?: boolean
  readonly onClick: () => void
}

/** A button that shows an icon alone. */
export const IconButton = ({ icon, label, title = label, className = '', size, ...rest }: IconButtonProps) => (
  <button type="button" className={`button square ${className}`} aria-label={label} title={title} {...rest}>
    <Glyph name={icon} {...(size === undefined ? {} : { size })} />
  </button>
)
