import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { signIn } from '../data/server.ts'
import { Logo } from '../ui/icons.tsx'
import { messageOf } from '../ui/notices.tsx'

export const SignIn = () => {
  const queries = useQueryClient()
  const [fault, setFault] = useState<string>()
  const [busy, setBusy] = useState(false)
  const id = useId()

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const key = String(new FormData(event.currentTarget).get('key') ?? '')
    setBusy(true)
    setFault(undefined)
    try {
      const refusal = await signIn(key)
      setFault(refusal)
      if (refusal === undefined) await queries.resetQueries({ queryKey: ['session'] })
    } catch (error) {
      setFault(messageOf(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <main className="sign-in panel">
      <div className="brand">
        <Logo size={28} />
        Millrace
      </div>
      <h1>Sign in</h1>
      <form onSubmit={(event) => void submit(event)} className="field">
        <label className="label" htmlFor={id}>
          Access key
        </label>
        <input
          id={id}
          name="key"
          type="password"
          className="input mono"
          placeholder="mr_…"
          autoComplete="current-password"
          required
          aria-describedby={`${id}-hint`}
          aria-invalid={fault !== undefined}
        />
        <p id={`${id}-hint`} className="hint">
          The token of a key with the scope <code>manage</code> or <code>admin</code>. Keys of workers and clients do
          not open the dashboard.
        </p>
        {fault !== undefined && (
          <p className="fault" role="alert">
            {fault}
          </p>
        )}
        <p>
          <button type="submit" className="button primary" disabled={busy}>
            Sign in
          </button>
        </p>
      </form>
    </main>
  )
}
