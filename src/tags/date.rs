//! Dates of service tag lists.

use super::error::TagFault;

/// A date as in `2025-11-10`, or as eight digits; returned with hyphens.
///
/// # Errors
/// [`TagFault::Date`] for any other text and for a day that no calendar has.
pub(super) fn checked_date(text: &str) -> Result<String, TagFault> {
    let fault = || TagFault::Date { found: text.to_owned() };
    let plain = match text.as_bytes() {
        [_, _, _, _, b'-', _, _, b'-', _, _] => text.replace('-', ""),
        _ => text.to_owned(),
    };
    if plain.len() != 8 || !plain.bytes().all(|b| b.is_ascii_digit()) {
        return Err(fault());
    }
    let (year, month, day) = (&plain[..4], &plain[4..6], &plain[6..]);
    let number = |digits: &str| digits.parse::<u16>().map_err(|_| fault());
    let leap = number(year)?.is_multiple_of(4)
        && (!number(year)?.is_multiple_of(100) || number(year)?.is_multiple_of(400));
    let last = match number(month)? {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(fault()),
    };
    if (1..=last).contains(&number(day)?) { Ok(format!("{year}-{month}-{day}")) } else { Err(fault()) }
}

/// The date in a file's name: its only run of exactly eight digits that is a date.
pub(super) fn date_of_file(file: &str) -> Option<String> {
    let name = file.rsplit(['/', '\\']).next()?;
    let mut dates = name
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 8)
        .filter_map(|digits| checked_date(digits).ok());
    let date = dates.next()?;
    dates.next().is_none().then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_eight_digits_of_the_file_name() {
        for (file, date) in [
            ("ServiceTags_Public_20251110.json", Some("2025-11-10")),
            ("lists/ServiceTags_Public_cn376_20251110.json", Some("2025-11-10")),
            ("20240101/tags.json", None),
            ("ServiceTags_Public_cn363_202507.json", None),
            ("tags-20251310.json", None),
            ("tags-123456789.json", None),
            ("20251110-20251117.json", None),
            ("", None),
        ] {
            assert_eq!(date_of_file(file).as_deref(), date, "{file}");
        }
    }

    #[test]
    fn a_day_that_no_calendar_has_is_no_date() {
        for (text, ok) in [
            ("2025-11-10", true),
            ("20251110", true),
            ("2024-02-29", true),
            ("2025-02-29", false),
            ("2000-02-29", true),
            ("2100-02-29", false),
            ("2025-04-31", false),
            ("2025-00-10", false),
            ("2025-13-01", false),
            ("2025-1-10", false),
            ("10.11.2025", false),
            ("", false),
            ("2025-11-00", false),
        ] {
            assert_eq!(checked_date(text).is_ok(), ok, "{text}");
        }
    }
}
