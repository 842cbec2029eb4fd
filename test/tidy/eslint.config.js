// Rules that the compiler does not have: forgotten promises, forgotten cases, and time or chance where there must be none.
import { fileURLToPath } from "node:url";
import tseslint from "typescript-eslint";

const root = fileURLToPath(new URL("../..", import.meta.url));

const purity = [
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: "Chance comes in by argument." },
  { selector: "Identifier[name='Date']", message: "Time comes in by argument." },
];

export default tseslint.config(
  { ignores: ["node_modules/**", "deploy/out/**"] },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      "max-depth": ["error", 3],
      "max-params": ["error", 4],
      "no-console": "error",
    },
  },
  {
    files: [
      "firmware/{base,core,services,records,config}/**/*.ts",
      "hal/{ports,protocols,meters,vehicles,charge-points,mock}/**/*.ts",
    ],
    rules: { "no-restricted-syntax": ["error", ...purity] },
  },
  { files: ["test/**/*.ts"], rules: { "max-depth": "off", "no-console": "off" } },
);
