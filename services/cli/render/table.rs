//! Tables without lines: columns alone carry the eye, and a line can be cut out with ordinary tools.
//! It does not know what the cells mean.

use comfy_table::{Cell, ContentArrangement, Table, presets};

use crate::cli::{shell::Shell, terminal::Tone};

/// A table with a heading; on a person's terminal it wraps to the width, in a pipe it never does.
pub(in crate::cli) fn table(shell: &Shell, heading: &[&str], rows: Vec<Vec<Cell>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let wraps = shell.terminal.interactive && !shell.wide();
    table.set_content_arrangement(if wraps {
        ContentArrangement::Dynamic
    } else {
        ContentArrangement::Disabled
    });
    table.set_header(heading.iter().map(|text| shell.terminal.cell(*text, Tone::Dim)));
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines: Vec<String> = table.to_string().lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}
