// Examples import the package by its name. This takes it from src/, so that they run without a build.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    const [, entry] = /^millrace(\/.+)?$/.exec(specifier) ?? []
    if (specifier !== 'millrace' && entry === undefined) return next(specifier, context)
    return next(new URL(`../../src${entry ?? ''}/index.ts`, import.meta.url).href, context)
  },
})
