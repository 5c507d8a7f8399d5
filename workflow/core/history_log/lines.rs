//! Reading and writing a log: a record a line. It works on text in memory; where the text comes from is not known here.

use super::entry::{Record, What};

/// A line that is not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    pub why: String,
}

/// Reads one line.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(line: usize, text: &str) -> Result<Record, BadLine> {
    let bad = |why: String| BadLine { line, why };
    let record: Record = serde_json::from_str(text).map_err(|e| bad(e.to_string()))?;
    match record.entries.first().map(|e| &e.what) {
        Some(What::Signal(_)) => {}
        Some(_) => return Err(bad("the first entry is not a signal".to_owned())),
        None => return Err(bad("there are no entries".to_owned())),
    }
    if let Some(pair) = record.entries.windows(2).find(|pair| pair[0].at > pair[1].at) {
        return Err(bad(format!("the entry of {} stands after that of {}", pair[1].at, pair[0].at)));
    }
    Ok(record)
}

/// Writes one line, with its line feed.
pub fn write(record: &Record) -> String {
    let mut line = serde_json::to_string(record).expect("a record has only text keys and finite numbers");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = concat!(
        r#"{"incident":"INC0000045","source":"servicenow","source_ref":"INC0000045","imported":true,"entries":["#,
        r#"{"at":"2016-02-29T01:16:00Z","who":"integrations/servicenow","signal":{"kind":"report","#,
        r#""title":"Incident INC0000045","impact":"MEDIUM","urgency":"MEDIUM","service":"front-desk"}},"#,
        r#"{"at":"2016-02-29T01:23:00Z","who":"people/resolved-by-149","action":"acknowledge"},"#,
        r#"{"at":"2016-02-29T02:00:00Z","who":"people/resolved-by-149","#,
        r#""action":{"hold":{"reason":"AWAITING_REPORTER"}}},"#,
        r#"{"at":"2016-02-29T08:00:00Z","who":"people/resolved-by-149","action":"resume"},"#,
        r#"{"at":"2016-02-29T11:29:00Z","who":"people/resolved-by-149","action":{"resolve":{"code":"FIXED"}}},"#,
        r#"{"at":"2016-02-29T11:29:00Z","who":"system","#,
        r#""fact":{"said":{"field":"closed_code","value":"code 5"}}}"#,
        r#"],"remarks":["said twice"]}"#,
    );

    #[test]
    fn a_line_reads_back_as_written() {
        let record = read(1, LINE).unwrap();
        assert_eq!(record.entries.len(), 6);
        assert_eq!(write(&record).trim_end(), LINE);
        assert_eq!(read(1, &write(&record)).unwrap(), record);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let unsorted = LINE.replace("2016-02-29T08:00:00Z", "2016-02-28T08:00:00Z");
        assert!(read(7, &unsorted).unwrap_err().to_string().starts_with("line 7: the entry of 2016-02-28"));
        let deaf = LINE.replacen("\"signal\":{\"kind\":\"report\"", "\"signal\":{\"kind\":\"murmur\"", 1);
        assert!(read(3, &deaf).is_err());
        assert!(read(1, r#"{"incident":"a","source":"b","source_ref":"c","entries":[]}"#).is_err());
        assert!(read(1, &LINE.replace("\"remarks\"", "\"remark\"")).is_err());
    }
}
