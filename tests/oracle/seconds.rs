//! A stretch of time as one byte for each second: 1 if it counts. Counting goes minute by minute where whole minutes
//! are alike, and second by second elsewhere.

/// What a minute looks like in which every second counts.
const FULL: [u8; 60] = [1; 60];
const EMPTY: [u8; 60] = [0; 60];

/// Seconds that count, from `from` on.
#[derive(Clone)]
pub(crate) struct Seconds {
    pub(crate) from: i64,
    bytes: Vec<u8>,
    /// Where marks begin and end.
    pub(crate) edges: Vec<i64>,
    /// How many count before each minute; made once all marks are set.
    before: Vec<u32>,
}

impl Seconds {
    /// So many minutes in which nothing counts.
    pub(crate) fn new(from: i64, minutes: i64) -> Seconds {
        Seconds { from, bytes: vec![0; minutes as usize * 60], edges: Vec::new(), before: Vec::new() }
    }

    /// First second after it.
    pub(crate) fn to(&self) -> i64 {
        self.from + self.bytes.len() as i64
    }

    /// Sets the seconds of a stretch, as far as it lies here.
    pub(crate) fn mark(&mut self, from: i64, to: i64, counts: bool) {
        let place = |second: i64| (second.clamp(self.from, self.to()) - self.from) as usize;
        let (from, to) = (place(from), place(to));
        if from < to {
            self.edges.extend([from, to].map(|place| self.from + place as i64));
            self.bytes[from..to].fill(u8::from(counts));
        }
    }

    /// Ends marking.
    pub(crate) fn count(mut self) -> Seconds {
        let mut sum = 0;
        self.before = Vec::with_capacity(self.bytes.len() / 60 + 1);
        for minute in self.bytes.chunks_exact(60) {
            self.before.push(sum);
            sum += if minute == FULL {
                60
            } else if minute == EMPTY {
                0
            } else {
                minute.iter().map(|byte| u32::from(*byte)).sum()
            };
        }
        self.before.push(sum);
        self
    }

    /// Whether a second counts.
    pub(crate) fn counts(&self, second: i64) -> bool {
        self.bytes[(second - self.from) as usize] == 1
    }

    /// How many seconds count from the beginning up to a second.
    pub(crate) fn upto(&self, second: i64) -> i64 {
        let place = (second - self.from) as usize;
        let rest = &self.bytes[place / 60 * 60..place];
        i64::from(self.before[place / 60]) + rest.iter().map(|byte| i64::from(*byte)).sum::<i64>()
    }

    /// The least second up to which so many count; None if there are not as many.
    pub(crate) fn reaches(&self, count: i64) -> Option<i64> {
        let minute = self.before.partition_point(|before| i64::from(*before) < count);
        let minute = if minute == self.before.len() { return None } else { minute.saturating_sub(1) };
        let mut sum = i64::from(self.before[minute]);
        let mut place = minute * 60;
        while sum < count {
            sum += i64::from(self.bytes[place]);
            place += 1;
        }
        Some(self.from + place as i64)
    }
}
