import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

const unused = ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }]

/** The engine gets its numbers from seeds and its time from callers: anything else breaks the promise of equal runs. */
const engineBans = {
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Use core/rng.ts: every number comes from the seed.' },
    { object: 'Date', property: 'now', message: 'Take the time as a parameter.' },
    { property: 'dataSync', message: 'It blocks the thread: use data().' },
    { property: 'readSync', message: 'It blocks the thread: use read().' },
    { property: 'nextFrame', message: 'It stops in hidden tabs.' },
  ],
  'no-restricted-globals': [
    'error',
    { name: 'requestAnimationFrame', message: 'It stops in hidden tabs.' },
    { name: 'window', message: 'The engine runs in workers and in Node.' },
    { name: 'document', message: 'The engine runs in workers and in Node.' },
    { name: 'localStorage', message: 'The engine stores nothing.' },
    { name: 'indexedDB', message: 'The engine stores nothing.' },
    { name: 'fetch', message: 'The engine loads nothing.' },
  ],
}

export default ts.config(
  { ignores: ['dist/', 'dist-node/', '.cache/', 'coverage/', 'node_modules/', 'public/', 'tests/fixtures/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      eqeqeq: 'error',
      'no-cond-assign': 'error',
      'no-constant-condition': 'error',
      'no-debugger': 'error',
      'no-dupe-else-if': 'error',
      'no-dupe-keys': 'error',
      'no-empty': 'error',
      'no-fallthrough': 'error',
      'no-loss-of-precision': 'error',
      'no-self-assign': 'error',
      'no-self-compare': 'error',
      'no-sparse-arrays': 'error',
      'no-undef': 'error',
      'no-unreachable': 'error',
      'no-unsafe-finally': 'error',
      'no-useless-catch': 'error',
      'no-useless-escape': 'error',
      'use-isnan': 'error',
      'valid-typeof': 'error',
      'no-console': 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'prefer-const': 'error',
      'no-unused-vars': unused,
    },
  },
  {
    files: ['**/*.ts', '**/*.d.mts'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': unused,
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/require-await': 'off',
      // It does not end on recursive types such as ConfigValue.
      '@typescript-eslint/restrict-template-expressions': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // It also objects where the assertion narrows a library's type, such as the shapes of tfjs.
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [ts.configs.recommended, svelte.configs.recommended],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      'no-undef': 'off',
      '@typescript-eslint/no-unused-vars': unused,
      '@typescript-eslint/no-explicit-any': 'error',
      'svelte/no-at-html-tags': 'error',
      // The rule of the same name knows that `let { … } = $props()` is right where one of them is bound.
      'prefer-const': 'off',
      // {' '} keeps a space that the formatter would move.
      'svelte/no-useless-mustaches': 'off',
      'svelte/prefer-const': ['error', { destructuring: 'all' }],
      // Maps and URLs that live within one function need no reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['src/engine/**/*.ts'], ignores: ['**/*.test.ts'], rules: engineBans },
  {
    // Fixtures are JSON made elsewhere; a wrong guess of their shape fails the test.
    files: ['**/*.test.ts', 'tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  { files: ['src/core/log.ts'], rules: { 'no-console': 'off' } },
  { files: ['**/*.d.mts', '**/*.d.ts'], extends: [ts.configs.disableTypeChecked] },
)
