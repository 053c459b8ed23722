import { Glyph, type IconName } from './icons.tsx'

interface IconButtonProps {
  readonly icon: IconName
  readonly label: string
  /** Another one than the label, such as the key that does the same. */
  readonly title?: string
  readonly className?: string
  readonly size?: number
  /** It keeps the focus all the same: whoever turned to the last page by it can turn back. */
  readonly disabled?: boolean
  readonly onClick: () => void
}

/** A button that shows an icon alone. */
export const IconButton = ({
  icon,
  label,
  title = label,
  className = '',
  size,
  disabled,
  onClick,
}: IconButtonProps) => (
  <button
    type="button"
    className={`button square ${className}`}
    aria-label={label}
    aria-disabled={disabled}
    title={title}
    onClick={disabled ? undefined : onClick}
  >
    <Glyph name={icon} {...(size === undefined ? {} : { size })} />
  </button>
)
