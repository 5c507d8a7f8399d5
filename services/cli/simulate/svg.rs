//! A simulation as a drawing: one lane for each person, shared channel and clock, time from left to right. Long stretches
//! in which nothing happens are cut short and marked. The same lines give the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use stentor_core::simulate::{Kind, Line};
use stentor_core::time::Timestamp;

/// Height of a lane, and widths of the margins, in pixels.
const LANE: i64 = 26;
const LEFT: i64 = 170;
const RIGHT: i64 = 60;
const TOP: i64 = 56;
/// A stretch is drawn at this many seconds a pixel, up to a width from which on it is cut short.
const SECONDS_PER_PIXEL: i64 = 8;
const STRETCH: i64 = 96;
/// Instants that lie closer than this share a label.
const LABEL: i64 = 62;

/// Colours that are readable on light and on dark ground; the ground itself is left to the page.
const STYLE: &str = "\
.t{font:12px ui-monospace,SFMono-Regular,Menlo,monospace;fill:#5b6470}\
.n{font-weight:600}.g{stroke:#8a929c;stroke-opacity:.35}.c{stroke:#8a929c;stroke-dasharray:2 3}\
.page{fill:#2f7fd6}.notice{fill:none;stroke:#2f7fd6;stroke-width:1.5}.summons{fill:#8a5fd0}\
.run{stroke:#3f9b6c;stroke-width:5;stroke-linecap:round}.late{stroke:#d1493f;stroke-width:5;stroke-linecap:round}\
.hold{stroke:#b08a2e;stroke-width:5;stroke-dasharray:2 6}.mark{fill:#b08a2e}.breach{fill:#d1493f}\
.level{fill:#5b6470}.exhausted{fill:#d1493f}.state{fill:#3f9b6c}\
@media(prefers-color-scheme:dark){.t{fill:#aeb6c0}.level{fill:#aeb6c0}.page{fill:#5aa2ee}}";

/// The drawing: a complete SVG document.
pub(super) fn timeline(lines: &[Line]) -> String {
    let axis = Axis::of(lines);
    let lanes = lanes(lines);
    let height = TOP + LANE * lanes.len() as i64 + 24;
    let width = axis.width + LEFT + RIGHT;
    let mut out = String::new();
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<style>{STYLE}</style>\n",
        escape(&title(lines))
    );
    axis.draw(&mut out, height - 20);
    for (row, (key, name)) in lanes.iter().enumerate() {
        let y = TOP + LANE * row as i64 + LANE / 2;
        let _ = writeln!(
            out,
            "<text class=\"t n\" x=\"8\" y=\"{}\">{}</text><line class=\"g\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>",
            y + 4,
            escape(name),
            LEFT + axis.width
        );
        let of_lane = lines.iter().filter(|line| key_of(line).as_ref() == Some(key));
        match key {
            Lane::Clock(..) => clock(&mut out, of_lane.collect(), &axis, y),
            _ => of_lane.for_each(|line| mark(&mut out, line, axis.x(line.at), y)),
        }
    }
    out.push_str("</svg>\n");
    out
}

/// What has a lane of its own, in the order of the lanes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    Incident(String),
    Clock(String, String),
    Person(String),
}

fn key_of(line: &Line) -> Option<Lane> {
    Some(match line.kind {
        Kind::Clock => Lane::Clock(line.incident.clone(), line.clock.clone()?),
        Kind::Page | Kind::Notice | Kind::Summons => Lane::Person(line.who.clone()),
        Kind::Action | Kind::Exhausted | Kind::Level | Kind::Signal | Kind::State => {
            Lane::Incident(line.incident.clone())
        }
    })
}

fn lanes(lines: &[Line]) -> Vec<(Lane, String)> {
    let keys: BTreeSet<Lane> = lines.iter().filter_map(key_of).collect();
    let incidents: BTreeSet<&str> = lines.iter().map(|line| line.incident.as_str()).collect();
    let name = |key: &Lane| match key {
        Lane::Incident(incident) => incident.clone(),
        Lane::Clock(incident, clock) if incidents.len() > 1 => format!("{incident} {clock}"),
        Lane::Clock(_, clock) => clock.clone(),
        Lane::Person(who) => who.clone(),
    };
    keys.into_iter().map(|key| (key.clone(), name(&key))).collect()
}

fn title(lines: &[Line]) -> String {
    let pages = lines.iter().filter(|line| line.kind == Kind::Page).count();
    let breaches = lines.iter().filter(|line| line.kind == Kind::Clock && line.percent == Some(100)).count();
    let start = lines.first().map(|line| line.at.to_string()).unwrap_or_default();
    format!("Simulation from {start}: {pages} pages, {breaches} breaches")
}

/// Where each instant stands.
struct Axis {
    at: BTreeMap<Timestamp, i64>,
    /// Where a stretch was cut short.
    cuts: Vec<i64>,
    width: i64,
}

impl Axis {
    fn of(lines: &[Line]) -> Axis {
        let instants: BTreeSet<Timestamp> = lines.iter().map(|line| line.at).collect();
        let (mut at, mut cuts, mut x) = (BTreeMap::new(), Vec::new(), 0);
        let mut before: Option<Timestamp> = None;
        for instant in instants {
            if let Some(before) = before {
                let wanted = (instant.since(before).whole_seconds() / SECONDS_PER_PIXEL).max(4);
                if wanted > STRETCH {
                    cuts.push(LEFT + x + STRETCH / 2);
                }
                x += wanted.min(STRETCH);
            }
            at.insert(instant, x);
            before = Some(instant);
        }
        Axis { at, cuts, width: x.max(1) }
    }

    fn x(&self, at: Timestamp) -> i64 {
        LEFT + self.at.get(&at).copied().unwrap_or(0)
    }

    fn draw(&self, out: &mut String, bottom: i64) {
        let (mut free, mut day) = (i64::MIN, String::new());
        for (at, x) in &self.at {
            if *x < free {
                continue;
            }
            let text = at.to_string();
            let (date, time) = (&text[..10], text[11..].trim_end_matches('Z'));
            let x = LEFT + x;
            let _ = writeln!(
                out,
                "<line class=\"g\" x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{bottom}\"/>\
                 <text class=\"t\" x=\"{x}\" y=\"{}\" text-anchor=\"middle\">{time}</text>",
                TOP - 8,
                TOP - 14
            );
            if date != day {
                date.clone_into(&mut day);
                let _ = writeln!(out, "<text class=\"t n\" x=\"{x}\" y=\"18\">{date} UTC</text>");
            }
            free = x - LEFT + LABEL;
        }
        for x in &self.cuts {
            let _ =
                writeln!(out, "<line class=\"c\" x1=\"{x}\" x2=\"{x}\" y1=\"{}\" y2=\"{bottom}\"/>", TOP - 8);
        }
    }
}

/// A sign with its line as a tooltip.
fn mark(out: &mut String, line: &Line, x: i64, y: i64) {
    let via = line.via.as_ref().map(|via| format!("{via}, ")).unwrap_or_default();
    let text = escape(&format!("{} {} {} {via}{}", line.at, line.kind.as_str(), line.who, line.what));
    let sign = match line.kind {
        Kind::Page => format!("<circle class=\"page\" cx=\"{x}\" cy=\"{y}\" r=\"5\">"),
        Kind::Notice => format!("<circle class=\"notice\" cx=\"{x}\" cy=\"{y}\" r=\"4\">"),
        Kind::Summons => format!("<circle class=\"summons\" cx=\"{x}\" cy=\"{y}\" r=\"5\">"),
        Kind::Level => {
            format!("<rect class=\"level\" x=\"{}\" y=\"{}\" width=\"3\" height=\"12\">", x - 1, y - 6)
        }
        Kind::Exhausted => {
            format!("<rect class=\"exhausted\" x=\"{}\" y=\"{}\" width=\"9\" height=\"9\">", x - 4, y - 4)
        }
        _ => format!("<rect class=\"state\" x=\"{}\" y=\"{}\" width=\"7\" height=\"7\">", x - 3, y - 3),
    };
    let end = if sign.starts_with("<circle") { "circle" } else { "rect" };
    let _ = writeln!(out, "{sign}<title>{text}</title></{end}>");
}

/// A clock as a bar: green while in time, red once breached, broken while paused.
fn clock(out: &mut String, lines: Vec<&Line>, axis: &Axis, y: i64) {
    let (mut from, mut class) = (None, "run");
    let bar = |out: &mut String, from: Option<i64>, to: i64, class: &str| {
        if let Some(from) = from {
            let _ = writeln!(
                out,
                "<line class=\"{class}\" x1=\"{from}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>",
                to.max(from)
            );
        }
    };
    let mut signs = String::new();
    for line in lines {
        let x = axis.x(line.at);
        let what = line.what.split(' ').nth(1).unwrap_or_default().trim_end_matches(',');
        let next = match (line.percent, what) {
            (Some(100), _) => Some("late"),
            (Some(_), _) => None,
            (None, "paused") => Some("hold"),
            (None, "met" | "stopped" | "cancelled") => Some(""),
            (None, "resumed") if class == "late" => Some("late"),
            (None, _) => Some("run"),
        };
        if let Some(next) = next {
            bar(out, from, x, class);
            from = (!next.is_empty()).then_some(x);
            class = next;
        }
        let sign = if line.percent == Some(100) { "breach" } else { "mark" };
        let text = escape(&format!("{} {}", line.at, line.what));
        let _ = writeln!(
            signs,
            "<path class=\"{sign}\" d=\"M{x} {}l5 5l-5 5l-5 -5z\"><title>{text}</title></path>",
            y - 5
        );
    }
    bar(out, from, LEFT + axis.width, class);
    out.push_str(&signs);
}

/// Text as XML takes it.
pub(in crate::cli) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no way to write other control characters.
            c if c.is_control() && !matches!(c, '\n' | '\t') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
