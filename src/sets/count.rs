//! Sizes of sets as people read them.

use super::Count;

/// `2009` as `2,009`.
pub fn thousands(number: &Count) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 address`, `2,009 addresses`.
pub fn address_count(number: &Count) -> String {
    let one = *number == Count::from(1u8);
    format!("{} {}", thousands(number), if one { "address" } else { "addresses" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        for (number, text) in [(0u32, "0"), (999, "999"), (1000, "1,000"), (4_294_967_295, "4,294,967,295")] {
            assert_eq!(thousands(&Count::from(number)), text);
        }
        assert_eq!(address_count(&Count::from(1u8)), "1 address");
        assert_eq!(address_count(&Count::from(2009u16)), "2,009 addresses");
    }
}
