import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { exportModel } from '../../../workers/exportModel.ts'
import { ConfigError, StorageError } from '../../core/errors.ts'
import { parseCommandLine } from '../args.ts'
import { defineCommand, exitCodes } from '../command.ts'
import { openRunDirectory, readCheckpointFile } from '../runDirectory.ts'

/** A model for others to load, without what training keeps beside it. */
export default defineCommand({
  name: 'export',
  summary: 'writes a checkpoint’s weights for others, under Hugging Face’s names where it has such a model',
  usage: [
    'export CHECKPOINT|DIR --out DIR [--names huggingface|own]',
    '--out DIR     where model.safetensors goes, with the config.json that transformers reads it by, and the',
    '              tokenizer.json of a run with parts of words. A folder that holds a model already is refused',
    '--names …     huggingface (the default): names and layouts of GPT-2, BERT, ViT or CLIP. Models and settings that none of',
    '              them has keep their own names, and it is said which settings those are. own: the model’s own names',
    'Prints one JSON object: {"step": …, "files": […], "architecture": …}; null for own names.',
  ],
  async run(args, io) {
    const { flags, words } = parseCommandLine(args, {
      flags: { out: { type: 'path' }, names: { type: 'choice', options: ['huggingface', 'own'] } },
      minWords: 1,
      maxWords: 1,
    })
    const { out } = flags
    if (out === null) {
      throw new ConfigError('export: needs a folder to write to', {
        code: 'bad-arguments',
        remedy: `For instance: npm run bunsen -- export ${words[0]} --out my-model`,
      })
    }
    const { files, architecture, step, notices } = exportModel(
      readCheckpointFile(words[0]!),
      flags.names ?? 'huggingface',
    )
    const taken = Object.keys(files).find((name) => existsSync(join(out, name)))
    if (taken !== undefined) {
      throw new StorageError(`${out}: must hold no model yet, got ${taken}; it is kept`, {
        code: 'folder-holds-model',
        remedy: 'Name another folder, or delete this one.',
      })
    }
    const directory = openRunDirectory(out)
    for (const [name, content] of Object.entries(files)) directory.write(name, content)
    notices.forEach((notice) => io.note(notice))
    io.print(JSON.stringify({ step, files: Object.keys(files), architecture }))
    return exitCodes.done
  },
})
