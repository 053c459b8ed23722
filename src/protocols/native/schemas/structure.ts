import { Type } from 'typebox'
import type { DeclaredStructure as Structure } from '../../../core/structure/declared.ts'
import { strict } from './common.ts'

export const DeclaredStructure = Type.Unsafe<Structure>(
  Type.Object(
    {
      fields: Type.Optional(
        Type.Array(Type.Unknown(), {
          description:
            'Fields that a message, a JSON object, has: each `{name, type, required?, list?, fields?}` with a type of `text`, ' +
            '`boolean`, `integer`, `decimal`, `date-time`, `email`, `link`, `identifier`, `object` (with `fields` of its own) ' +
            'or `any`. Others are passed on as they are.',
        }),
      ),
      schema: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), {
          description: 'Instead of `fields`: a JSON Schema that messages must fit, draft 2020-12 or draft-07.',
        }),
      ),
    },
    {
      ...strict,
      title: 'DeclaredStructure',
      description: 'What the messages of a queue must look like: either `fields` or `schema`.',
      examples: [{ fields: [{ name: 'email', type: 'email', required: true }] }],
    },
  ),
)
