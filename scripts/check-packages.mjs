// publint and attw for every package that is published: what a stranger's bundler and type checker will see.
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

const packages = globSync('packages/*/package.json')
  .sort()
  .map((file) => ({ folder: dirname(file), manifest: JSON.parse(readFileSync(file, 'utf8')) }))
  .filter(({ manifest }) => !manifest.private)

const isBroken = packages.flatMap(({ folder, manifest }) => {
  // A package of components, which a bundler compiles, has no CommonJS.
  const profile = manifest.exports['.'].require ? 'node16' : 'esm-only'
  return [`publint --strict ${folder}`, `attw --pack ${folder} --profile ${profile} --quiet`].map(
    (command) => {
      const { status } = spawnSync(command, { shell: true, stdio: 'inherit' })
      if (status !== 0) console.log(`failed: ${command}`)
      return status !== 0
    },
  )
})
// React's server components take a file for the client's only if it says so itself, before anything else.
for (const file of globSync('packages/react/dist/*.{js,cjs}')) {
  if (/^(['"])use client\1/.test(readFileSync(file, 'utf8'))) continue
  console.log(`failed: ${file} does not begin with "use client"`)
  isBroken.push(true)
}
process.exitCode = isBroken.some(Boolean) ? 1 : 0
