import type { ApiDocument, ApiSchema } from "./document.ts";
import { type Html, html, join, nothing, prose } from "./html.ts";

const refPrefix = "#/components/schemas/";
const depthMax = 6; // of what is shown in place; deeper structures have names of their own

/** Anchor of a named schema on the page. */
export function schemaAnchor(name: string): string {
  return `schema-${name}`;
}

function nameOf(schema: ApiSchema): string | null {
  return schema.$ref?.startsWith(refPrefix) === true ? schema.$ref.slice(refPrefix.length) : null;
}

/** The schema that a reference names, or the schema itself. */
export function resolve(schema: ApiSchema, document: ApiDocument): ApiSchema {
  const name = nameOf(schema);
  return (name === null ? undefined : document.components?.schemas?.[name]) ?? schema;
}

/** One line that says what a value is: `string (date-time)`, `array of Event`, `"open" | "closed"`. */
export function typeOf(schema: ApiSchema): Html {
  const name = nameOf(schema);
  if (name !== null) return html`<a href="#${schemaAnchor(name)}">${name}</a>`;
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  const choices = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (choices !== undefined) {
    const separator = schema.allOf === undefined ? html` or ` : html` and `;
    return join(choices.flatMap((choice, index) => (index === 0 ? [typeOf(choice)] : [separator, typeOf(choice)])));
  }
  if (schema.items !== undefined) return html`array of ${typeOf(schema.items)}`;
  const type = typeof schema.type === "string" ? schema.type : (schema.type?.join(" or ") ?? "any");
  return schema.format === undefined ? html`${type}` : html`${type} (${schema.format})`;
}

/** The limits that a value is held to, in words. */
function limitsOf(schema: ApiSchema): Html {
  const range = (least: number | undefined, most: number | undefined, unit: string): string[] => {
    if (least === undefined && most === undefined) return [];
    if (least === undefined) return [`at most ${most}${unit}`];
    if (most === undefined) return [`at least ${least}${unit}`];
    return [`${least} to ${most}${unit}`];
  };
  const facts = [
    ...range(schema.minimum, schema.maximum, ""),
    ...range(schema.minLength, schema.maxLength, " characters"),
    ...range(schema.minItems, schema.maxItems, " items"),
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
  ].map((fact) => html`<span class="fact">${fact}</span>`);
  const values = schema.enum === undefined ? nothing : enumOf(schema.enum);
  return join([...facts, values]);
}

const shownValuesMax = 12;

function enumOf(values: readonly unknown[]): Html {
  const shown = values.slice(0, shownValuesMax).map((value) => html`<code>${String(value)}</code> `);
  const more = values.length > shownValuesMax ? html`and ${values.length - shownValuesMax} more` : nothing;
  return html`<span class="fact">one of ${join(shown)}${more}</span>`;
}

/** A row of a table of fields or parameters. */
export function fieldRow(name: string, schema: ApiSchema, required: boolean, description = schema.description): Html {
  return html`<tr><th scope="row"><code>${name}</code>${required ? html` <em>required</em>` : nothing}</th><td>${typeOf(schema)}</td><td>${description === undefined ? nothing : prose(description)} ${limitsOf(schema)}</td></tr>`;
}

/** A schema's fields as a table, with the fields of unnamed objects inside it below their parent; or its type alone. */
export function schemaTable(schema: ApiSchema): Html {
  const rows = rowsOf(schema, "", 0);
  if (rows.length === 0) return html`<p>${typeOf(schema)} ${limitsOf(schema)}</p>`;
  return html`<table><tbody>${join(rows)}</tbody></table>`;
}

function rowsOf(schema: ApiSchema, prefix: string, depth: number): Html[] {
  if (depth > depthMax) return [];
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    fieldRow(`${prefix}${name}`, field, schema.required?.includes(name) === true),
    ...rowsOf(field, `${prefix}${name}.`, depth + 1),
  ]);
  const inItems = schema.items === undefined ? [] : rowsOf(schema.items, `${prefix.replace(/\.$/, "")}[].`, depth + 1);
  const choices = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [...own, ...inItems, ...choices.flatMap((choice) => rowsOf(choice, prefix, depth + 1))];
}

/** A value that fits a schema, for examples. Optional fields are left out, so that the example is the shortest that works. */
export function exampleOf(schema: ApiSchema, document: ApiDocument, depth = 0): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (depth > depthMax) return null;
  const named = resolve(schema, document);
  if (named !== schema) return exampleOf(named, document, depth + 1);
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.[0];
  if (choice !== undefined && schema.properties === undefined) return exampleOf(choice, document, depth + 1);
  const type = typeof schema.type === "string" ? schema.type : schema.type?.[0];
  switch (type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([field]) => schema.required?.includes(field) === true)
          .map(([field, value]) => [field, exampleOf(value, document, depth + 1)]),
      );
    case "array":
      return schema.items === undefined ? [] : [exampleOf(schema.items, document, depth + 1)];
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 1, 1);
    case "boolean":
      return true;
    default:
      return exampleText(schema);
  }
}

const textsByFormat: Readonly<Record<string, string>> = {
  "date-time": "2026-11-23T19:00:00Z",
  date: "2026-11-23",
  email: "buyer@example.com",
  uri: "https://example.com/",
};

function exampleText(schema: ApiSchema): string {
  const byFormat = schema.format === undefined ? undefined : textsByFormat[schema.format];
  const idPrefix = /^\^([a-z]+_)/.exec(schema.pattern ?? "")?.[1];
  return byFormat ?? (idPrefix === undefined ? "text" : `${idPrefix}...`);
}
