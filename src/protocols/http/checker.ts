import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** The compiled check of a schema, made when it is first asked for: to make those of all doors at once holds up every start. */
export const checkerOf = <Schema extends TSchema>(schema: Schema) => {
  const compile = () => Compile(schema)
  let compiled: ReturnType<typeof compile> | undefined
  return () => {
    compiled ??= compile()
    return compiled
  }
}
