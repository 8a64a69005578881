import jsdoc from 'eslint-plugin-jsdoc';
import tseslint from 'typescript-eslint';

/** Every parameter that tsyringe injects names its token: without emitDecoratorMetadata a bare one becomes `undefined` in silence. */
const injectedParameters = {
  selector:
    'ClassDeclaration:has(Decorator > CallExpression[callee.name=/^(injectable|singleton)$/]) MethodDefinition[kind="constructor"] > FunctionExpression > :matches(TSParameterProperty, Identifier.params):not(:has(Decorator))',
  message: 'Every constructor parameter of an injectable class needs @inject(Token).',
};

const publicJsdoc = {
  'jsdoc/require-jsdoc': [
    'error',
    {
      publicOnly: true,
      require: { FunctionDeclaration: true, ClassDeclaration: true },
      contexts: ['ExportNamedDeclaration > TSInterfaceDeclaration', 'ExportNamedDeclaration > TSTypeAliasDeclaration'],
      enableFixer: false,
    },
  ],
  'jsdoc/check-param-names': ['error', { checkDestructured: false, disableMissingParamChecks: true }],
  'jsdoc/check-tag-names': ['error', { typed: true }],
  'jsdoc/no-types': 'error',
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/coverage/**',
      '**/node_modules/**',
      '.cache/**',
      'docs/reference/api/**',
      'test/architecture/planted/**',
    ],
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { jsdoc },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      // Its only suggestion is the assertion that the line above forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An interface and its token share a name, and so do a schema and its static type.
      '@typescript-eslint/no-redeclare': 'off',
      // Classes with nothing but an empty body are how tokens of tests are written; void arrows read well in handlers.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A plugin's start may hand back nothing at all, or a promise of nothing.
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-syntax': [
        'error',
        injectedParameters,
        { selector: 'ExportAllDeclaration:not([exported])', message: 'Name what is exported; no `export *`.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
      ],
      // A recursive JSON type cannot be written with Record.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      // `Record<never, never>` is how "declares none" is written in the plugin contract.
      '@typescript-eslint/no-generated-empty-object-type': 'off',
      'no-console': 'error',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['{protocol,core,daemon}/src/**/*.ts', 'plugins/*/src/**/*.ts'],
    ignores: ['daemon/src/cli/**', 'protocol/src/methods/**', 'protocol/src/events/**'],
    plugins: { jsdoc },
    rules: publicJsdoc,
  },
  {
    files: ['{protocol,core,daemon}/src/**/*.ts', 'plugins/*/src/**/*.ts'],
    ignores: ['daemon/src/cli/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { name: 'node:http', message: 'Take it from daemon/src/http/node-http.ts.', allowTypeImports: true },
      ],
    },
  },
  {
    files: ['plugins/*/src/index.ts', '*.config.js'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    files: ['**/test/**/*.ts', 'test/**/*.ts'],
    rules: {
      // chai's assertions are property reads.
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.base],
    rules: { 'prefer-const': 'error', eqeqeq: 'error' },
  },
  {
    // What stands for servers and clients of both eras uses what the newer one deprecates.
    files: ['test/conformance/**/*.ts', 'test/e2e/mcp/**/*.ts', 'test/support/mcp/**/*.ts'],
    rules: { '@typescript-eslint/no-deprecated': 'off' },
  },
);
