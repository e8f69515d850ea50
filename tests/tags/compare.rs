//! Two lists, two clouds, several threads.

use super::reading::{any_list, written};
use super::{GOVERNMENT, OLDER, OLDEST, list, set, shared, tag};
use flowcheck::model::{Cloud, Region};
use flowcheck::sets::{AddressSet, Count};
use flowcheck::tags::{TagFault, TagSnapshot, cloud_must_match, diff};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_difference_turns_the_old_list_into_the_new(old in any_list(), new in any_list()) {
        let (old, new) = (TagSnapshot::parse(&written(&old, "\n"), "f").unwrap(), TagSnapshot::parse(&written(&new, "\n"), "f").unwrap());
        let change = diff(&old, &new, None).unwrap();
        for name in old.names().chain(new.names()) {
            let before = old.lookup(name).map(|tag| tag.addresses);
            let after = new.lookup(name).map(|tag| tag.addresses);
            let has = |list: &[(String, AddressSet)]| list.iter().any(|(found, _)| found.eq_ignore_ascii_case(name));
            prop_assert_eq!(has(&change.added), before.is_none());
            prop_assert_eq!(has(&change.removed), after.is_none());
            if let (Some(before), Some(after)) = (before, after) {
                let found = change.changed.iter().find(|row| row.name.eq_ignore_ascii_case(name));
                prop_assert_eq!(found.is_some(), before != after);
                if let Some(row) = found {
                    prop_assert_eq!(before.difference(&row.removed).union(&row.added), after);
                    prop_assert!(!row.removed.meets(&row.added));
                }
            }
        }
        prop_assert!(diff(&old, &old, None).unwrap().is_empty());
    }
}

#[test]
fn five_weeks_change_few_tags_and_three_years_change_many() {
    let (Some(older), Some(oldest)) = (shared(OLDER), shared(OLDEST)) else { return };
    let older = TagSnapshot::read(&older, OLDER, None).unwrap();
    let oldest = TagSnapshot::read(&oldest, OLDEST, None).unwrap();
    assert_eq!((older.date(), oldest.date()), (Some("2025-10-08"), None));
    let weeks = diff(&older, list(), None).unwrap();
    assert_eq!((weeks.old.change_number, weeks.new.change_number), (371, 376));
    assert_eq!((weeks.added.len(), weeks.removed.len()), (2, 0));
    let years = diff(&oldest, list(), None).unwrap();
    assert!(years.changed.len() > weeks.changed.len());
    let one = diff(&oldest, list(), Some("apimanagement")).unwrap();
    assert!(one.added.is_empty() && one.removed.is_empty());
    assert_eq!(one.changed.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["ApiManagement"]);
    assert_eq!(
        one.changed,
        years.changed.into_iter().filter(|row| row.name == "ApiManagement").collect::<Vec<_>>()
    );
}

#[test]
fn a_difference_of_one_tag_needs_the_tag_in_one_of_the_lists() {
    let head = "# flowcheck service tags 1\n# cloud: Public\n# change number: 7\n";
    let old =
        TagSnapshot::parse(&format!("{head}Gone|-||10.0.0.0/8\nSame|-||10.0.0.0/9 10.128.0.0/9\n"), "old")
            .unwrap();
    let new = TagSnapshot::parse(&format!("{head}same|NSG||10.0.0.0/8\n"), "new").unwrap();
    assert!(diff(&old, &new, Some("SAME")).unwrap().is_empty(), "only written otherwise");
    assert_eq!(diff(&old, &new, Some("gone")).unwrap().removed, [("Gone".to_owned(), set("10.0.0.0/8"))]);
    assert_eq!(diff(&new, &old, Some("gone")).unwrap().added.len(), 1);
    let error = diff(&old, &new, Some("Gome")).unwrap_err();
    assert_eq!(error.to_string(), "new: the tag `Gome` is not in the service tag list; did you mean `Gone`?");
}

#[test]
fn a_list_of_another_cloud_is_refused() {
    assert_eq!(cloud_must_match(Cloud::Public, list()), Ok(()));
    let error = cloud_must_match(Cloud::China, list()).unwrap_err(); // S94
    assert_eq!(
        error.to_string(),
        "this service tag list is of the cloud Public, the network of the cloud AzureChina: tags have other \
         addresses in each cloud; give a list of AzureChina with `--service-tags`, or state the network's cloud \
         with `--cloud`"
    );
    let Some(bytes) = shared(GOVERNMENT) else { return };
    let government = TagSnapshot::read(&bytes, GOVERNMENT, None).unwrap();
    assert_eq!(
        (government.cloud(), government.change_number(), government.names().count()),
        (Cloud::Government, 401, 299)
    );
    assert_eq!(cloud_must_match(Cloud::Government, &government), Ok(()));
    let error = cloud_must_match(Cloud::Public, &government).unwrap_err();
    assert_eq!(error.fault, TagFault::OtherCloud { network: Cloud::Public, list: Cloud::Government });
    assert!(error.to_string().starts_with(
        "ServiceTags_AzureGovernment.json: this service tag list is of the cloud AzureGovernment"
    ));
    let error = diff(list(), &government, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the lists cannot be compared: the old one is of the cloud Public, the new one of AzureGovernment"
    );
    // A dot and a stated region, and still no regional form.
    assert_eq!(government.lookup("AzurePortal.AzureAppServiceUx").unwrap().base, None);
    assert_eq!(
        government.regional("ApiManagement", &Region::new("usgovvirginia")).unwrap().name,
        "ApiManagement.USGovVirginia"
    );
}

/// Lists are shared between threads and searched at once.
#[test]
fn a_list_can_be_shared_between_threads() {
    fn shared_between_threads<T: Send + Sync>() {}
    shared_between_threads::<TagSnapshot>();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(tag("ApiManagement").addresses.v4.size(), Count::from(2_009u32)));
        }
    });
}
