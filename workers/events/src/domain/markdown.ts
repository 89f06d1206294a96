import { limits } from "@foyer/kernel/limits";
import MarkdownIt from "markdown-it";
import { summarize } from "./facts.ts";

/** Where a link may lead: nowhere within this site, and to nothing that runs. */
const schemes = /^(?:https?:\/\/|mailto:|tel:)/i;

const renderer = new MarkdownIt("commonmark", { html: false, linkify: false, maxNesting: limits.markdownNestingMax });
renderer.disable(["html_block", "html_inline"]);
// Asked with entities and escapes decoded. What is not allowed stays text.
renderer.validateLink = (url) => schemes.test(url);

renderer.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  // One with no address at all, `[]()`, is never asked about, and leads nowhere.
  if (!schemes.test(String(tokens[index]?.attrGet("href") ?? ""))) return "<a>";
  tokens[index]?.attrSet("rel", "nofollow ugc noopener");
  return self.renderToken(tokens, index, options);
};
// A picture would tell a third party who reads the page; its words are kept.
renderer.renderer.rules.image = (tokens, index, options, env, self) =>
  renderer.utils.escapeHtml(self.renderInlineAsText(tokens[index]?.children ?? [], options, env));
renderer.renderer.rules.heading_open = (tokens, index) => `<${headingOf(tokens[index]?.tag)}>`;
renderer.renderer.rules.heading_close = (tokens, index) => `</${headingOf(tokens[index]?.tag)}>\n`;
// The first word after the fence names a language; it is the writer's, and no class of ours.
renderer.renderer.rules.fence = (tokens, index) =>
  `<pre><code>${renderer.utils.escapeHtml(tokens[index]?.content ?? "")}</code></pre>\n`;

/** The page's title is its first heading, so the first of a description is one below. */
function headingOf(tag: string | undefined): string {
  return `h${Math.min(6, Number(tag?.slice(1) ?? 1) + 1)}`;
}

/**
 * Markdown (CommonMark) as HTML that may stand in any page: no markup of the writer's own, no images, links to the web, mail and telephones only.
 * What is nested deeper than {@link limits.markdownNestingMax} is left out.
 */
export function toSafeHtml(markdown: string): string {
  return renderer.render(markdown);
}

/** The words of a Markdown text, without its signs. */
export function toPlainText(markdown: string): string {
  return renderer
    .parse(markdown, {})
    .flatMap((token) => {
      if (token.type === "inline")
        return [renderer.renderer.renderInlineAsText(token.children ?? [], renderer.options, {}), "\n"];
      return token.type === "fence" || token.type === "code_block" ? [token.content, "\n"] : [];
    })
    .join("");
}

/** The beginning of a description in words, for lists. */
export function summaryOf(description: string): string {
  return summarize(toPlainText(description));
}
