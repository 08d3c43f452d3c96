import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react'

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet'
  readonly icon?: ReactNode
  /** The key that does the same. */
  readonly hint?: string
  readonly ref?: Ref<HTMLButtonElement>
}

export function Button({ look = 'plain', icon, hint, children, className, ...rest }: ButtonProps) {
  return (
    <button type="button" className={`button ${look} ${className ?? ''}`} {...rest}>
      {icon}
      {children}
      {hint !== undefined && <Key>{hint}</Key>}
    </button>
  )
}

/** A button that is an icon only; its name is shown on hover and read aloud. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: Omit<ButtonProps, 'look' | 'icon' | 'hint'> & { readonly label: string }) {
  return (
    <button
      type="button"
      className={`icon-button ${className ?? ''}`}
      aria-label={label}
      title={label}
      {...rest}
    >
      {children}
    </button>
  )
}

export function Key({ children }: { readonly children: ReactNode }) {
  return (
    <kbd className="key" aria-hidden="true">
      {children}
    </kbd>
  )
}
