//! Bars for two sides as inline SVG, in whole pixels: the same figures give the same bytes.

use std::fmt::Write as _;

use crate::cli::simulate::escape;

/// A name and its two figures.
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) before: u64,
    pub(super) after: u64,
}

/// Upright bars, two beside each other for each name: for hours.
pub(super) fn upright(title: &str, pairs: &[Pair]) -> String {
    const HEIGHT: u64 = 150;
    let most = pairs.iter().map(|p| p.before.max(p.after)).max().unwrap_or(0).max(1);
    let width = 30 + pairs.len() * 28;
    let mut out = open(title, width, 200);
    let _ = writeln!(out, "<text class=\"a\" x=\"0\" y=\"12\">{most}</text>");
    for (n, pair) in pairs.iter().enumerate() {
        let x = 26 + n * 28;
        for (offset, class, figure) in [(0, "b", pair.before), (10, "c", pair.after)] {
            let tall = figure * HEIGHT / most;
            let _ = writeln!(
                out,
                "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"9\" height=\"{tall}\"><title>{}: {figure}</title></rect>",
                x + offset,
                10 + HEIGHT - tall,
                escape(&pair.name)
            );
        }
        let _ = writeln!(out, "<text class=\"a\" x=\"{x}\" y=\"178\">{}</text>", escape(&pair.name));
    }
    out.push_str("</svg>\n");
    out
}

/// Lying bars, two below each other for each name: for people and definitions.
pub(super) fn lying(title: &str, pairs: &[Pair]) -> String {
    const WIDTH: u64 = 460;
    let most = pairs.iter().map(|p| p.before.max(p.after)).max().unwrap_or(0).max(1);
    let mut out = open(title, 720, pairs.len() * 30 + 8);
    for (n, pair) in pairs.iter().enumerate() {
        let y = n * 30 + 4;
        let _ = writeln!(out, "<text class=\"a\" x=\"0\" y=\"{}\">{}</text>", y + 15, escape(&pair.name));
        for (offset, class, figure) in [(0, "b", pair.before), (11, "c", pair.after)] {
            let long = figure * WIDTH / most;
            let _ = writeln!(
                out,
                "<rect class=\"{class}\" x=\"180\" y=\"{}\" width=\"{long}\" height=\"10\"/>\
                 <text class=\"a\" x=\"{}\" y=\"{}\">{figure}</text>",
                y + offset,
                186 + long,
                y + offset + 9
            );
        }
    }
    out.push_str("</svg>\n");
    out
}

fn open(title: &str, width: usize, height: usize) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\"><title>{}</title>\n",
        escape(title)
    )
}
