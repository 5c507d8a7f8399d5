//! SLA compliance as it is asked for and told. What counts is known in the rules.

use stentor_core::compliance::{Compliance, Group, Line, PERIODS, Period};
use stentor_core::time::{Duration, Timestamp};
use stentor_engine::store::rows::{Column, Filter, Op, Value};
use stentor_proto::v1;

use super::clocks::{count, instant};
use super::fields::{Fields, Understood};
use super::interval::Otherwise;
use super::{Invalid, enums, filter};

/// Where an interval without a start begins: so long before its end.
const USUAL: Duration = Duration::days(30);

/// The longest interval: ten years.
const LONGEST: Duration = Duration::days(3660);

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    pub from: Timestamp,
    pub to: Timestamp,
    period: Period,
    group: Group,
    /// Empty: the organisation's.
    zone: String,
    filter: Option<Filter>,
}

pub fn wanted(r: &v1::ComputeSlaComplianceRequest, now: Timestamp) -> Understood<Wanted> {
    let mut f = Fields::default();
    let edges = (r.start_time.as_ref(), r.end_time.as_ref());
    let (from, to) = Otherwise::Since(USUAL).interval(&mut f, edges, now);
    if to <= from {
        f.refuse("end_time", "is not after start_time");
    } else if to.since(from) > LONGEST {
        f.refuse("end_time", format!("is more than {LONGEST} after start_time"));
    }
    let period = f.word("period", r.period).unwrap_or(Period::Whole);
    let group = f.word("group", r.group).unwrap_or(Group::Nothing);
    let filter = match filter::parse(&r.filter) {
        Ok(filter) => filter,
        Err(wrong) => {
            f.refuse(&wrong.field, wrong.problem);
            None
        }
    };
    f.finish(Wanted { from, to, period, group, zone: r.time_zone.clone(), filter })
}

impl Wanted {
    /// An empty tally, in the zone asked for, else the organisation's.
    ///
    /// # Errors
    /// There is no such zone, or there are too many periods.
    pub fn tally(&self, home: &str) -> Result<Compliance, Invalid> {
        let name = if self.zone.is_empty() { home } else { &self.zone };
        let zone = stentor_core::civil::zone(name).ok_or_else(|| {
            Invalid::new("time_zone", format!("{name:?} is not an IANA time zone such as Europe/Berlin"))
        })?;
        Compliance::of((self.from, self.to), self.period, &zone, self.group).ok_or_else(|| {
            Invalid::new("period", format!("divides the interval into more than {PERIODS} parts"))
        })
    }

    /// Instances that may have a clock that ended in the interval: there before its end, and changed since its start.
    pub fn candidates(&self) -> Filter {
        let compare = |column, op, at: Timestamp| Filter::Compare(column, op, Value::Int(at.0));
        let mut all =
            vec![compare(Column::CreatedAt, Op::Lt, self.to), compare(Column::UpdatedAt, Op::Ge, self.from)];
        all.extend(self.filter.clone());
        Filter::All(all)
    }

    /// The whole answer.
    pub fn answer(&self, tally: &Compliance) -> v1::ComputeSlaComplianceResponse {
        v1::ComputeSlaComplianceResponse {
            compliances: tally.lines().into_iter().map(|line| self.line(line)).collect(),
            start_time: Some(instant(self.from)),
            end_time: Some(instant(self.to)),
        }
    }

    fn line(&self, line: Line) -> v1::SlaCompliance {
        let group = match self.group {
            Group::Nothing | Group::Priority => line.group,
            Group::Service => format!("services/{}", line.group),
            Group::Team => format!("teams/{}", line.group),
        };
        let (met, all) = (f64::from(line.met), f64::from(line.met) + f64::from(line.breached));
        v1::SlaCompliance {
            sla_definition: format!("slaDefinitions/{}", line.definition),
            kind: enums::clock_kind(line.kind),
            start_time: Some(instant(line.from)),
            end_time: Some(instant(line.to)),
            group,
            met_count: count(line.met),
            breached_count: count(line.breached),
            cancelled_count: count(line.cancelled),
            excused_count: count(line.excused),
            met_ratio: (all > 0.0).then(|| met / all),
        }
    }
}
