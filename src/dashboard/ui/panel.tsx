import { type ReactNode, useId } from 'react'

interface PanelProps {
  readonly title: string
  readonly className?: string
  /** On the line of the title. */
  readonly beside?: ReactNode
  readonly children: ReactNode
}

/** A part of a screen, under its heading. */
export const Panel = ({ title, className = '', beside, children }: PanelProps) => {
  const id = useId()
  return (
    <section className={`panel ${className}`} aria-labelledby={id}>
      <div className="title">
        <h2 id={id}>{title}</h2>
        {beside}
      </div>
      {children}
    </section>
  )
}
