// Reads what a source file imports and which globals it touches, from its syntax tree: comments, strings and type
// positions do not count.
import { parseSync } from 'oxc-parser'

/**
 * @typedef {{ line: number, what: string }} Find
 * @typedef {{ imports: Find[], globals: Find[] }} Reading
 */

/** Nodes that hold a name which is not a reference: a key, a member, a label, a binding's own place. */
const KEYED = new Set([
  'Property',
  'PropertyDefinition',
  'MethodDefinition',
  'AccessorProperty',
  'TSPropertySignature',
  'TSMethodSignature',
  'TSAbstractMethodDefinition',
  'TSAbstractPropertyDefinition',
])
/** Stands in as the parent of whatever a destructuring binds. */
const PATTERN = { type: 'FormalParameter' }
const GLOBAL_OBJECTS = new Set(['globalThis', 'window', 'self', 'global'])

/**
 * @param {string} file
 * @param {string} text
 * @returns {Reading}
 */
export function readSource(file, text) {
  const { program, errors } = parseSync(...scriptOf(file, text))
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`)
  const lineOf = (/** @type {number} */ offset) => text.slice(0, offset).split('\n').length

  /** @type {Find[]} */
  const imports = []
  /** @type {Find[]} */
  const references = []
  /** @type {Set<string>} */
  const bound = new Set()

  /** @type {(node: any, parent: any, key: string) => void} */
  const visit = (node, parent, key) => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item, parent, key)
      return
    }
    if (!node || typeof node.type !== 'string') return
    const line = () => lineOf(node.start)
    if (/^(Import|ExportNamed|ExportAll)(Declaration|Expression)$/.test(node.type) && node.source) {
      imports.push({ line: line(), what: node.source.value ?? 'an import whose name is computed' })
    }
    if (node.type === 'TSImportType')
      imports.push({ line: line(), what: node.source?.value ?? node.argument?.literal?.value })
    // Types are free: `Date` as a type reads no clock.
    if (/^TS(TypeReference|TypeQuery|QualifiedName|ImportType|InterfaceHeritage)$/.test(node.type)) return

    if (node.type === 'MemberExpression') {
      const member = node.computed ? node.property.value : node.property.name
      const object = node.object.name
      if (object === 'Math' && member === 'random') references.push({ line: line(), what: 'Math.random' })
      if (GLOBAL_OBJECTS.has(object) && member) references.push({ line: line(), what: member })
    }
    if (node.type === 'ObjectPattern' || node.type === 'ArrayPattern') {
      for (const item of node.properties ?? node.elements) {
        if (item?.type === 'Property' && item.computed) visit(item.key, item, 'key')
        visit(item?.type === 'Property' ? item.value : item, PATTERN, 'value')
      }
      visit(node.typeAnnotation, node, 'typeAnnotation')
      return
    }
    if (node.type === 'Identifier') {
      const isMember = key === 'property' && parent.type === 'MemberExpression' && !parent.computed
      const isKey = key === 'key' && KEYED.has(parent.type) && !parent.computed
      if (isBinding(parent, key)) bound.add(node.name)
      else if (!isMember && !isKey) references.push({ line: line(), what: node.name })
      if (node.typeAnnotation) visit(node.typeAnnotation, node, 'typeAnnotation')
      return
    }
    for (const [childKey, child] of Object.entries(node)) {
      if (child && typeof child === 'object') visit(child, node, childKey)
    }
  }
  visit(program, undefined, '')
  // A name that the file binds itself is not the global, wherever in the file it is bound: close enough for a rule.
  return { imports, globals: references.filter(({ what }) => !bound.has(what)) }
}

/**
 * A component's script, on the lines where it stands; what is all script as it is.
 * @param {string} file
 * @param {string} text
 * @returns {[file: string, text: string]}
 */
function scriptOf(file, text) {
  if (!file.endsWith('.svelte')) return [file, text]
  const lines = (/** @type {string} */ other) => other.replace(/[^\n]/g, '')
  const markup = /(^|<\/script>).*?(<script[^>]*>|$)/gs
  return [`${file}.ts`, text.replace(markup, lines)]
}

/**
 * @param {any} parent
 * @param {string} key
 */
function isBinding(parent, key) {
  if (!parent) return false
  if (/^(Function|Class)(Declaration|Expression)$/.test(parent.type)) return key === 'id' || key === 'params'
  if (/^Import(Default|Namespace)?Specifier$/.test(parent.type)) return true
  if (parent.type === 'VariableDeclarator') return key === 'id'
  if (parent.type === 'ArrowFunctionExpression' || parent.type === 'CatchClause') return /^params?$/.test(key)
  if (parent.type === 'RestElement') return true
  if (parent.type === 'AssignmentPattern') return key === 'left'
  return parent.type === 'FormalParameter' || parent.type === 'TSParameterProperty'
}
