//! The embedded list: what it holds, against the figures of the reference.

use super::{PUBLIC, list, set, shared, tag};
use flowcheck::model::{Cloud, Region};
use flowcheck::sets::{AddressSet, Count};
use flowcheck::tags::{
    Share, SpecialTag, TagKind, TagSnapshot, WIRE_SERVER, import, internet, unsettled_internet,
};

#[test]
fn the_embedded_list_is_the_import_of_the_newest_public_list() {
    assert_eq!(
        (list().cloud(), list().change_number(), list().date()),
        (Cloud::Public, 376, Some("2025-11-10"))
    );
    assert_eq!(list().names().count(), 3041);
    assert_eq!(list().to_string(), "service tags 376");
    if let Some(bytes) = shared(PUBLIC) {
        let text = import(&bytes, PUBLIC, None).unwrap();
        assert!(text == list().to_text(), "data/service-tags/public.tags is not what the import writes");
    }
}

#[test]
fn reading_the_embedded_list_line_by_line_gives_its_own_bytes() {
    let read = TagSnapshot::parse(list().to_text(), "public.tags").unwrap();
    assert!(read.to_text() == list().to_text());
    assert!(list().to_text().is_ascii());
}

#[test]
fn every_name_is_found_in_any_case_and_nothing_else_is() {
    for name in list().names() {
        for written in [name.to_owned(), name.to_lowercase(), name.to_uppercase()] {
            assert_eq!(list().spelling(&written), Some(name));
        }
        for other in [format!("{name}x"), format!("{name}."), format!(" {name}"), format!("a{name}")] {
            assert_eq!(list().spelling(&other), None, "{other}");
        }
        assert!(SpecialTag::recognise(name).is_none(), "{name}: computed tags are never stored");
    }
    for other in ["", ".", "zzz", "0", "VirtualNetwork", "Internet", "AzureFrontDoor", "Störage", "Storage|"]
    {
        assert!(list().lookup(other).is_none(), "{other}"); // S89: no bare AzureFrontDoor; S93
    }
}

#[test]
fn the_lists_hold_as_many_ipv4_addresses_as_microsoft_publishes() {
    // S92, and the provenance of the list for the sums of the regional forms.
    for (name, all, in_a_region) in [
        ("ApiManagement", 2_009, Some(1_846)),
        ("Storage", 498_017, Some(424_053)), // 424,113 with the 60 addresses of the two staging tags
        ("Sql", 41_725, None),
        ("EventHub", 35_548, None),
        ("AzureKeyVault", 1_786, None),
        ("AzureMonitor", 26_311, None),
        ("AzureConnectors", 7_882, None),
    ] {
        let answer = list().show(name).unwrap();
        let counts = answer.counts.unwrap();
        assert_eq!(counts.v4_addresses, Count::from(all as u32), "{name}");
        if let Some(in_a_region) = in_a_region {
            let rest = answer.in_no_region.unwrap().v4.size();
            assert_eq!(rest, Count::from((all - in_a_region) as u32), "{name} in no region");
        }
    }
}

#[test]
fn azure_cloud_is_no_superset_of_the_other_tags() {
    // S85: IPv4 addresses outside AzureCloud.
    let cloud = tag("AzureCloud").addresses;
    for (name, outside) in [
        ("Storage", 55_872u32),
        ("AzureActiveDirectory", 8_288),
        ("AzureFrontDoor.Backend", 131_072),
        ("AzureFrontDoor.Frontend", 8_704),
        ("Sql", 0),
        ("ApiManagement", 0),
        ("EventHub", 0),
        ("AzureKeyVault", 0),
        ("AzureMonitor", 0),
        ("AzureTrafficManager", 0),
        ("GatewayManager", 0),
        ("AzureResourceManager", 0),
    ] {
        assert_eq!(tag(name).addresses.difference(&cloud).v4.size(), Count::from(outside), "{name}");
    }
    assert!(!cloud.v6.is_empty()); // S86: against the page, the list has IPv6
}

#[test]
fn azure_cloud_leaves_a_hole_at_the_wire_server() {
    let cloud = tag("AzureCloud").addresses; // S87
    assert!(set("168.63.129.0/28 168.63.129.32/27").is_subset(&cloud));
    assert!(!cloud.meets(&set("168.63.129.16/28")));
    for name in list().names() {
        assert!(!tag(name).addresses.contains(WIRE_SERVER.into()), "{name}");
    }
}

#[test]
fn a_dot_is_not_always_a_region() {
    for name in [
        "AzureFrontDoor.Frontend",
        "AzureFrontDoor.Backend",
        "AzureFrontDoor.FirstParty",
        "AzureFrontDoor.MicrosoftSecurity",
        "AzureActiveDirectory.ServiceEndpoint",
        "AzureMonitor.Core", // S89
    ] {
        let tag = tag(name);
        assert_eq!((tag.base, tag.region), (None, None), "{name}");
    }
    // Four more names with a dot state the region that they stage for: they are not its regional form.
    let staging: Vec<&str> = list()
        .names()
        .filter(|name| name.contains('.') && tag(name).base.is_none() && tag(name).region.is_some())
        .collect();
    assert_eq!(
        staging,
        [
            "Sql.EastUS2Stage",
            "Sql.NorthCentralUSStage",
            "Storage.EastUS2Stage",
            "Storage.NorthCentralUSStage"
        ]
    );
    let forms = list().regions_of("azuremonitor");
    assert!(forms.len() > 40 && forms.iter().all(|form| form.base.as_deref() == Some("AzureMonitor")));
    assert!(forms.iter().all(|form| form.name != "AzureMonitor.Core"));
    assert!(list().regions_of("AzureTrafficManager").is_empty()); // S84
    assert!(list().regions_of("ApiManagemen").is_empty());
    assert_eq!(list().regions_of("ApiManagement").len(), 69);
}

#[test]
fn a_region_is_found_in_whichever_spelling_the_list_has() {
    // S90: the list's own region names.
    for (base, region, name) in [
        ("AzureCloud", "francecentral", "AzureCloud.centralfrance"),
        ("AzureCloud", "francesouth", "AzureCloud.southfrance"),
        ("AzureCloud", "germanywestcentral", "AzureCloud.germanywc"),
        ("AzureCloud", "germanynorth", "AzureCloud.germanyn"),
        ("AzureCloud", "norwayeast", "AzureCloud.norwaye"),
        ("AzureCloud", "norwaywest", "AzureCloud.norwayw"),
        ("AzureCloud", "switzerlandnorth", "AzureCloud.switzerlandn"),
        ("AzureCloud", "switzerlandwest", "AzureCloud.switzerlandw"),
        ("AzureCloud", "brazilsoutheast", "AzureCloud.brazilse"),
        ("AzureCloud", "chilecentral", "AzureCloud.chilec"),
        ("azurecloud", "West Europe", "AzureCloud.westeurope"),
        ("Sql", "East US 2", "Sql.EastUS2"),
        ("sql", "francecentral", "Sql.FranceCentral"),
        ("ApiManagement", "westeurope", "ApiManagement.WestEurope"),
    ] {
        let found = list().regional(base, &Region::new(region)).map(|tag| tag.name);
        assert_eq!(found.as_deref(), Some(name), "{base} {region}");
    }
    assert!(list().regional("Sql", &Region::new("atlantis")).is_none());
    assert!(list().regional("AzureTrafficManager", &Region::new("westeurope")).is_none());
}

#[test]
fn sample_addresses_lie_in_the_tags_that_hold_them() {
    for (address, inside, outside) in [
        ("13.69.40.20", "Storage.WestEurope Storage", "Sql"),
        ("52.239.184.130", "Storage", "Storage.WestEurope"), // and no other regional list
        ("13.69.104.5", "Sql.WestEurope Sql AzureCloud.westeurope", "Storage"),
        ("20.190.172.5", "AzureActiveDirectory", "AzureCloud"), // S85
        ("51.145.179.78", "ApiManagement", "Storage"),
        ("13.87.32.10", "ApiManagement", "Storage"),
        ("4.150.57.203", "AzureTrafficManager", "ApiManagement"),
        ("13.69.64.73", "AzureKeyVault", "ApiManagement"),
        ("13.69.51.175", "AzureMonitor", "ApiManagement"),
        ("13.69.64.76", "ApiManagement.WestEurope ApiManagement", "ApiManagement.NorthEurope"), // S92
    ] {
        let rows = list().which(&set(address));
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        assert!(rows.iter().all(|row| row.share == Share::All && row.count == Count::from(1u32)));
        for name in inside.split(' ') {
            assert!(
                names.contains(&name) && tag(name).addresses.contains(address.parse().unwrap()),
                "{address} {name}"
            );
        }
        assert!(
            !names.contains(&outside) && !tag(outside).addresses.contains(address.parse().unwrap()),
            "{address}"
        );
        assert!(names.contains(&"Internet"), "{address}"); // S79: Azure's own public space is in it
    }
    let rows = list().which(&set("52.239.184.130"));
    assert!(rows.iter().all(|row| !row.name.starts_with("Storage.")));
}

#[test]
fn a_prefix_is_held_by_all_or_part() {
    let rows = list().which(&set("168.63.129.16/30"));
    let rows: Vec<(&str, Share, String)> =
        rows.iter().map(|row| (row.name.as_str(), row.share, row.count.to_string())).collect();
    assert_eq!(
        rows,
        [
            ("Internet", Share::All, "4".to_owned()),
            ("AzureLoadBalancer", Share::Part, "1".to_owned()),
            ("AzurePlatformDNS", Share::Part, "1".to_owned()),
        ]
    );
    let rows = list().which(&set("13.69.64.72/29"));
    let part = rows.iter().find(|row| row.name == "ApiManagement").unwrap();
    assert_eq!((part.share, part.count.to_string().as_str()), (Share::Part, "2"));
    assert!(rows.iter().any(|row| row.name == "AzureCloud" && row.share == Share::All));
    assert!(list().which(&set("10.0.0.0/8 fd00::/8")).is_empty());
    assert!(list().which(&AddressSet::empty()).is_empty());
}

#[test]
fn no_listed_tag_touches_a_hole_of_the_internet_in_any_recording() {
    // Section 19: tagged addresses get one answer under every reading of Internet.
    let (internet, unsettled) = (internet(), unsettled_internet());
    for name in list().names() {
        let addresses = tag(name).addresses;
        assert!(addresses.is_subset(&internet), "{name} is not all Internet");
        assert!(!addresses.meets(&unsettled), "{name} is unsettled");
    }
}

#[test]
fn features_tell_what_may_stand_in_a_rule() {
    for (name, column, nsg) in [
        ("ApiManagement", "API,NSG,UDR,FW", true),
        ("AzureCloud", "API,NSG", true), // S123: no routes
        ("Storage", "API,NSG,UDR,FW,VSE", true),
        ("AzureMonitor.WestEurope", "NSG", true),
        ("ActionGroup.WestEurope", "-", false), // U28
        ("AzureActiveDirectory.ServiceEndpoint", "-", false),
        ("AzureFrontDoor.Backend", "API,NSG,UDR,FW", true),
    ] {
        let features = tag(name).features;
        assert_eq!((features.to_string().as_str(), features.nsg()), (column, Some(nsg)), "{name}");
    }
    let none = list().names().filter(|name| tag(name).features.words() == Some(&[])).count();
    assert_eq!(none, 1534); // section 16e
}

#[test]
fn what_a_name_is_is_decided_by_looking_it_up() {
    let kind = |name: &str| list().classify(name).kind;
    let listed = |name: &str| TagKind::Listed { name: name.to_owned() };
    assert_eq!(kind("storage.westeurope"), listed("Storage.WestEurope"));
    assert_eq!(kind("INTERNET"), TagKind::Special { tag: SpecialTag::Internet, classic: false });
    assert_eq!(
        kind("AZURE_LOADBALANCER"),
        TagKind::Special { tag: SpecialTag::AzureLoadBalancer, classic: true }
    );
    assert_eq!(kind("CorpNetSaw"), TagKind::Unknown); // S93
    assert_eq!(kind("Storage.Atlantis"), TagKind::Unknown);
    assert_eq!(list().classify("azureplatformdns").to_string(), "AzurePlatformDNS");
    assert_eq!(list().classify("corpnetsaw").to_string(), "corpnetsaw");
}

#[test]
fn an_unknown_name_gets_the_ones_that_come_close() {
    for (name, expected) in [
        ("ApiManagment", "ApiManagement"),
        ("apimanagement.westeuropa", "ApiManagement.WestEurope"),
        ("Storage.West Europe", "Storage.WestEurope"),
        ("KeyVault", "AzureKeyVault"),
        ("KeyVault.WestEurope", "AzureKeyVault.WestEurope"),
        ("AzureStorage", "Storage"),
        ("AzureFrontDoor", "AzureFrontDoor.Backend AzureFrontDoor.FirstParty AzureFrontDoor.Frontend"),
        ("EventHubs.Atlantis", "EventHub"),
        ("Storage.Atlantis", "Storage"),
        ("Internt", "Internet"),
        ("virtual-network", "VirtualNetwork"),
        ("AzureLoadBalancers", "AzureLoadBalancer"),
        ("CorpNetSaw", ""),
        ("", ""),
        ("....", ""),
        ("10.0.0.0/8", ""),
    ] {
        assert_eq!(list().suggest(name).join(" "), expected, "{name}");
    }
    assert!(list().suggest(&"a.".repeat(100_000)).is_empty());
    let error = list().show("ApiManagment").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the tag `ApiManagment` is not in the service tag list; did you mean `ApiManagement`?"
    );
}

#[test]
fn show_tells_of_listed_and_computed_tags() {
    let answer = list().show("apimanagement").unwrap();
    assert_eq!((answer.name.as_str(), answer.regional.len()), ("ApiManagement", 69));
    let west = answer.regional.iter().find(|form| form.region == Some(Region::new("westeurope"))).unwrap();
    assert_eq!((west.name.as_str(), west.features.nsg()), ("ApiManagement.WestEurope", Some(true)));
    let answer = list().show("Internet").unwrap();
    assert_eq!(answer.special, Some(SpecialTag::Internet));
    assert!(answer.counts.is_some());
    assert!(list().show("virtualnetwork").unwrap().addresses.is_none()); // S73
    assert!(list().show("AzureTrafficManager").unwrap().in_no_region.is_none());
}
