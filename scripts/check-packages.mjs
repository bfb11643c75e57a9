// publint and attw for every package that is published: what a stranger's bundler and type checker will see.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const folders = globSync('packages/*/package.json')
  .filter((file) => !JSON.parse(readFileSync(file, 'utf8')).private)
  .map(dirname)
  .sort()

const isBroken = folders.flatMap((folder) =>
  [`publint --strict ${folder}`, `attw --pack ${folder} --profile node16 --quiet`].map((command) => {
    const { status } = spawnSync(command, { shell: true, stdio: 'inherit' })
    if (status !== 0) console.log(`failed: ${command}`)
    return status !== 0
  }),
)
process.exitCode = isBroken.some(Boolean) ? 1 : 0
