import type { ApiContent, ApiDocument, ApiOperation, ApiSchema } from "./document.ts";
import { type Html, html, join, nothing, paragraphs, prose } from "./html.ts";
import { exampleOf, fieldRow, resolve, schemaAnchor, schemaTable, typeOf } from "./schemas.ts";

interface Entry {
  readonly method: string;
  readonly path: string;
  readonly operation: ApiOperation;
  readonly anchor: string;
}

const untagged = "Other";

/** The API reference as one page that needs no script and nothing from elsewhere. */
export function renderReference(document: ApiDocument): string {
  const sections = byTag(document);
  const { title, version, description = "" } = document.info;
  const schemas = Object.entries(document.components?.schemas ?? {});
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} reference</title>
<link rel="stylesheet" href="/docs/style.css">
</head>
<body>
<a class="skip" href="#reference">Skip to the reference</a>
<nav aria-label="Operations">
<p class="name">${title} <small>${version}</small></p>
${join(sections.map(([tag, entries]) => navSection(tag, entries)))}
<details><summary>Schemas</summary><ul>${join(schemas.map(([name]) => html`<li><a href="#${schemaAnchor(name)}">${name}</a></li>`))}</ul></details>
</nav>
<main id="reference">
<h1>${title}</h1>
${paragraphs(description)}
<p>The same as a machine reads it: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p>
${join(sections.map(([tag, entries]) => tagSection(tag, entries, document)))}
<section><h2>Schemas</h2>${join(schemas.map(([name, schema]) => schemaSection(name, schema)))}</section>
</main>
</body>
</html>
`.markup;
}

function byTag(document: ApiDocument): [string, Entry[]][] {
  const sections = new Map<string, Entry[]>();
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const tag = operation.tags?.[0] ?? untagged;
      const anchor = operation.operationId ?? `${method}-${path}`.replaceAll(/[^A-Za-z0-9]+/g, "-");
      const entries = sections.get(tag) ?? [];
      entries.push({ method, path, operation, anchor });
      sections.set(tag, entries);
    }
  }
  const order = (document.tags ?? []).map(({ name }) => name);
  const place = (tag: string): number => (order.includes(tag) ? order.indexOf(tag) : order.length);
  return [...sections].sort(([left], [right]) => place(left) - place(right) || (left < right ? -1 : 1));
}

function navSection(tag: string, entries: readonly Entry[]): Html {
  const items = entries.map(
    ({ anchor, method, path, operation }) =>
      html`<li><a href="#${anchor}" title="${path}"><span class="method ${method}">${method}</span> ${operation.summary ?? path}</a></li>`,
  );
  return html`<details open><summary>${tag}</summary><ul>${join(items)}</ul></details>`;
}

function tagSection(tag: string, entries: readonly Entry[], document: ApiDocument): Html {
  return html`<section><h2>${tag}</h2>${join(entries.map((entry) => operationSection(entry, document)))}</section>`;
}

function operationSection({ anchor, method, path, operation }: Entry, document: ApiDocument): Html {
  const { summary, description, parameters = [], requestBody, responses = {}, security = [] } = operation;
  const body = schemaIn(requestBody);
  return html`<article id="${anchor}">
<h3><a href="#${anchor}"><span class="method ${method}">${method}</span> <code>${path}</code></a></h3>
${summary === undefined ? nothing : html`<p class="summary">${prose(summary)}${credentialBadge(security)}</p>`}
${description === undefined ? nothing : paragraphs(description)}
${parameters.length === 0 ? nothing : html`<h4>Parameters</h4><table><tbody>${join(parameters.map(parameterRow))}</tbody></table>`}
${requestBody === undefined ? nothing : html`<h4>Body <small>${mediaTypes(requestBody)}</small></h4>${body === null ? nothing : bodyFields(body, document)}`}
<details><summary>Example</summary><pre><code>${curlOf(method, path, operation, document)}</code></pre></details>
<h4>Answers</h4>
<table class="answers"><tbody>${join(answersOf(responses).map(responseRow))}</tbody></table>
</article>`;
}

/** The fields to be sent, in place even where their schema has a name, because they are what a caller looks for. */
function bodyFields(schema: ApiSchema, document: ApiDocument): Html {
  const named = resolve(schema, document);
  return named === schema ? schemaTable(schema) : html`<p>${typeOf(schema)}</p>${schemaTable(named)}`;
}

function isAnonymousAllowed(security: readonly object[]): boolean {
  return security.length === 0 || security.some((requirement) => Object.keys(requirement).length === 0);
}

/** Whether a call needs a credential. An empty requirement beside others makes them optional (OpenAPI 3.1, section 4.8.10). */
function credentialBadge(security: readonly object[]): Html {
  if (security.length === 0) return nothing;
  return html` <span class="badge">${isAnonymousAllowed(security) ? "signed in or anonymous" : "signed in"}</span>`;
}

/** What a call can answer; the range of refusals says the same as the row for everything else. */
function answersOf(responses: NonNullable<ApiOperation["responses"]>) {
  return Object.entries(responses).filter(([status]) => status !== "4XX" || responses.default === undefined);
}

function parameterRow({
  name,
  in: place,
  required = false,
  description,
  schema = {},
}: NonNullable<ApiOperation["parameters"]>[number]): Html {
  return fieldRow(name, schema, required, `In the ${place}. ${description ?? schema.description ?? ""}`.trim());
}

function responseRow([status, response]: readonly [string, ApiContent & { readonly description?: string }]): Html {
  const schema = schemaIn(response);
  const name = status === "default" ? "otherwise" : status;
  return html`<tr><th scope="row">${name}</th><td>${prose(response.description ?? "")}</td><td>${schema === null ? mediaTypes(response) : html`${typeOf(schema)} ${inlineFields(schema)}`}</td></tr>`;
}

/** Fields of an answer that has no name of its own, folded away. */
function inlineFields(schema: ApiSchema): Html {
  return schema.properties === undefined
    ? nothing
    : html`<details><summary>Fields</summary>${schemaTable(schema)}</details>`;
}

function schemaSection(name: string, schema: ApiSchema): Html {
  const { description } = schema;
  return html`<article id="${schemaAnchor(name)}"><h3><a href="#${schemaAnchor(name)}">${name}</a></h3>${description === undefined ? nothing : html`<p>${prose(description)}</p>`}${schemaTable(schema)}</article>`;
}

function schemaIn(content: ApiContent | undefined): ApiSchema | null {
  return Object.values(content?.content ?? {})[0]?.schema ?? null;
}

function mediaTypes({ content = {} }: ApiContent): string {
  return Object.keys(content).join(", ");
}

/** A command that makes the request, with the least that it needs. */
function curlOf(method: string, path: string, operation: ApiOperation, document: ApiDocument): string {
  const verb = method.toUpperCase();
  const lines = [`curl ${verb === "GET" ? "" : `-X ${verb} `}"$FOYER_URL${path}"`];
  if (!isAnonymousAllowed(operation.security ?? [])) lines.push('-H "Authorization: Bearer $ACCESS_TOKEN"');
  for (const { name, in: place, required } of operation.parameters ?? []) {
    if (place === "header" && required === true) lines.push(`-H "${name}: ..."`);
  }
  const schema = schemaIn(operation.requestBody);
  const type = Object.keys(operation.requestBody?.content ?? {})[0];
  if (type !== undefined) lines.push(`-H "Content-Type: ${type}"`);
  if (schema !== null && type === "application/json") {
    lines.push(`-d '${JSON.stringify(exampleOf(schema, document)).replaceAll("'", "\\u0027")}'`);
  } else if (type !== undefined) lines.push("--data-binary @file");
  return lines.join(" \\\n  ");
}
