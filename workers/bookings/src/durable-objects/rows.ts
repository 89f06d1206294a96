/**
 * Rows of one batch, written together: one statement for all of them, whose text never changes, so that it is compiled
 * once. The rows travel as one JSON parameter, because an object's statement takes no more than 100 parameters.
 */
const rowsPerStatementMax = 500; // keeps the parameter far below the two megabytes that a value may have

type Cell = string | number | null;

/** A statement that inserts rows given as JSON arrays. */
export function insertRowsStatement(table: string, columns: readonly string[]): string {
  const cells = columns.map((_, index) => `value ->> ${index}`).join(", ");
  return `INSERT INTO ${table} (${columns.join(", ")}) SELECT ${cells} FROM json_each(?)`;
}

/** Runs a statement of {@link insertRowsStatement} over any number of rows, in their order. */
export function insertRows(sql: SqlStorage, statement: string, rows: readonly (readonly Cell[])[]): void {
  for (let start = 0; start < rows.length; start += rowsPerStatementMax) {
    sql.exec(statement, JSON.stringify(rows.slice(start, start + rowsPerStatementMax)));
  }
}
