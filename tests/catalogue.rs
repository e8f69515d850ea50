//! The catalogue as shipped, row by row: ids, levels by profile, conditions, control plane addresses.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use flowcheck::finding::Severity;
use flowcheck::flows::{
    self, Applies, Date, Feature, FeatureState, Level, LocationKind, Loss, Need, Packets, Ports, Profile,
    Remote, Row, Seen, Situation, control_plane, find, rows_at, select,
};
use flowcheck::model::{Mode, Platform, Region, Tier};
use std::collections::BTreeSet;

/// Every flow, by catalogue.
const IDS: &str = "
    client-https client-http client-internal mgmt-3443 lb-probe-6390 lb-probe-6391 lb-probe-any tm-443
    storage-443 sql-1433 keyvault-443 monitor-443 monitor-1886 cert-http-80 nsg-present no-delegation

    entra-443 connectors-443 credential-idp-443 eventhub-443 eventhub-amqp appinsights-443 keyvault-user-443
    redis-6380 redis-10000 cache-internal ratelimit-4290 portal-publish portal-captcha-443 portal-diag-443
    portal-admin-443 portal-cors-proxy managed-cert-digicert-80 managed-cert-rp-80 git-445 smtp-relay
    smtp-queue azurecloud-443-12000 eventgrid-443 appgw-443 shgw-in-443 backend

    dns-53 dns-53-tcp ntp-123 monitor-12000 crl-ocsp infra-diag infra-pki windows-update go-microsoft defender
    kms-1688

    v2i-nsg v2i-delegation v2i-subnet v2i-storage v2i-keyvault v2i-client v2i-client-http v2i-lb-80 v2i-dns
    v2i-dns-tcp v2i-backend v2o-nsg v2o-delegation v2o-keyvault v2o-storage v2o-inbound v2o-backend
    ws-lb-80 ws-client ws-client-http ws-storage ws-keyvault wsi-keyvault wsi-storage wsi-inbound
    pe-client-443 shgw-config shgw-storage shgw-entra shgw-arm shgw-appinsights shgw-eventhub shgw-cache
    shgw-sync-4290 shgw-beat-4291 shgw-image";

fn profile(text: &str) -> Profile {
    text.parse().unwrap()
}

/// The one record of a flow that applies.
fn row(id: &str, situation: &Situation, at: &str) -> Option<&'static Row> {
    let selected = select(situation, profile(at)).into_iter().find(|selected| selected.row.id == id).unwrap();
    selected.applies.is_yes().then_some(selected.row)
}

fn packets(row: &Row) -> Packets {
    match row.need {
        Need::Packets(packets) => packets,
        other => panic!("{}: {other:?}", row.id),
    }
}

fn premium() -> Situation {
    Situation::new(Tier::Premium, Mode::External)
}

fn with(mut situation: Situation, features: &str) -> Situation {
    for name in features.split_whitespace() {
        situation.features.set(Feature::named(name).unwrap(), FeatureState::On);
    }
    situation
}

fn required(situation: &Situation, at: &str) -> BTreeSet<&'static str> {
    select(situation, profile(at))
        .into_iter()
        .filter(|it| it.applies.is_yes() && it.row.counts_as_required(situation, profile(at)))
        .map(|it| it.row.id)
        .collect()
}

fn set(ids: &'static str) -> BTreeSet<&'static str> {
    ids.split_whitespace().collect()
}

#[test]
fn every_flow_of_the_reference_is_there_and_no_other() {
    assert_eq!(flows::ids().collect::<BTreeSet<_>>(), set(IDS));
    assert_eq!(flows::ids().count(), set(IDS).len(), "records of one id stand together");
}

#[test]
fn required_flows_by_tier_mode_and_profile() {
    let core = "mgmt-3443 storage-443 sql-1433 keyvault-443 monitor-443 monitor-1886 dns-53 nsg-present no-delegation ";
    let developer = Situation::new(Tier::Developer, Mode::Internal);
    let v2 = |mode| Situation::new(Tier::PremiumV2, mode);
    let workspace = |mode| Situation::new(Tier::Workspace, mode);
    for (situation, at, expected) in [
        (premium(), "2026", format!("{core} client-https lb-probe-6390 cert-http-80")),
        (with(premium(), "multi-region"), "2026", format!("{core} client-https lb-probe-6390 cert-http-80 tm-443")),
        (premium(), "2025-06", format!("{core} client-https lb-probe-6390 cert-http-80")),
        (premium(), "2025-05", format!("{core} client-https lb-probe-6390")),
        (developer, "2026", format!("{core} client-internal cert-http-80")),
        (
            premium(),
            "2023-09",
            "mgmt-3443 storage-443 sql-1433 keyvault-443 dns-53 nsg-present no-delegation client-https lb-probe-6390"
                .to_owned(),
        ),
        (
            with(premium(), "multi-region"),
            "seed",
            "client-https mgmt-3443 lb-probe-6390 tm-443 storage-443 sql-1433 keyvault-443 monitor-1886 monitor-443"
                .to_owned(),
        ),
        (v2(Mode::Injected), "2026-07", "v2i-nsg v2i-delegation v2i-subnet v2i-storage v2i-keyvault v2i-client".to_owned()),
        (v2(Mode::Injected), "2026-08", "v2i-nsg v2i-delegation v2i-subnet v2i-keyvault v2i-client".to_owned()),
        (v2(Mode::Injected), "2025-11", "v2i-nsg v2i-delegation v2i-subnet v2i-storage v2i-client".to_owned()),
        (v2(Mode::Injected), "2025-05", "v2i-nsg v2i-delegation v2i-subnet v2i-client".to_owned()),
        (v2(Mode::Integrated), "2026", "v2o-nsg v2o-delegation v2o-keyvault".to_owned()),
        (workspace(Mode::Injected), "2026", "ws-lb-80 ws-client ws-storage ws-keyvault".to_owned()),
        (workspace(Mode::Injected), "2024", "ws-lb-80 ws-client".to_owned()),
        (workspace(Mode::Integrated), "2026", "wsi-keyvault".to_owned()),
        (Situation::new(Tier::SelfHosted, Mode::None), "2026", "shgw-config".to_owned()),
        (with(Situation::new(Tier::Basic, Mode::None), "private-endpoint"), "2026", "pe-client-443".to_owned()),
        (Situation::new(Tier::Consumption, Mode::None), "2026", String::new()),
    ] {
        let expected: BTreeSet<&str> = expected.split_whitespace().collect();
        let found = required(&situation, at);
        assert_eq!(found, expected, "{} {} {at}", situation.tier, situation.mode);
    }
}

#[test]
fn the_seed_table_has_eight_rows_and_ten_flows() {
    let seed: BTreeSet<&str> = rows_at(Profile::SEED).filter(|row| row.seed).map(|row| row.id).collect();
    assert_eq!(
        seed,
        set(
            "client-https client-http mgmt-3443 lb-probe-6390 tm-443 storage-443 sql-1433 keyvault-443 monitor-1886 monitor-443"
        )
    );
    // What is left out of the table still counts, as a warning (D1).
    for id in ["cert-http-80", "dns-53", "nsg-present"] {
        let found = row(id, &premium(), "seed").unwrap();
        assert_eq!(found.severity(&premium(), Profile::SEED, Loss::Needed), Severity::Warning, "{id}");
    }
}

#[test]
fn the_date_of_the_profile_picks_the_record() {
    use Level::{Disputed, OptionalFeature, Recommended, Required};
    for (id, at, level) in [
        ("cert-http-80", "2025-04-16", None),
        ("cert-http-80", "2025-04", Some(Disputed)),
        ("cert-http-80", "2025-05-31", Some(Disputed)),
        ("cert-http-80", "2025-06-01", Some(Required)),
        ("monitor-1886", "2023-10-31", Some(OptionalFeature)),
        ("monitor-1886", "2023-11", Some(Required)),
        ("monitor-443", "2023-08", Some(OptionalFeature)),
        ("monitor-443", "2023", Some(Required)),
        ("lb-probe-6391", "2023-10", None),
        ("lb-probe-6391", "2023-11", Some(Recommended)),
        ("tm-443", "2023-08", None),
        ("tm-443", "2023-11-29", Some(Level::RequiredIf)),
        ("redis-6380", "2026-04-29", Some(OptionalFeature)),
        ("redis-6380", "2026-04", None),
        ("redis-10000", "2026-04-29", None),
        ("redis-10000", "2026-04-30", Some(OptionalFeature)),
        ("git-445", "2025-06-16", Some(OptionalFeature)),
        ("git-445", "2025-06", None),
        ("managed-cert-digicert-80", "2025", None),
        ("managed-cert-digicert-80", "2026-01", Some(Level::RequiredIf)),
        ("monitor-12000", "2025", Some(Disputed)),
        ("monitor-12000", "2026", Some(Disputed)),
    ] {
        assert_eq!(row(id, &premium(), at).map(|row| row.level), level, "{id} {at}");
    }
}

#[test]
fn the_date_of_the_profile_picks_tag_and_hosts() {
    let remote = |id, at| packets(row(id, &premium(), at).unwrap()).remote.to_string();
    assert_eq!(remote("portal-publish", "2023"), "Storage.WestUS"); // D7
    assert_eq!(remote("portal-publish", "2025-06"), "Storage");
    let hosts = |id, at| packets(row(id, &premium(), at).unwrap()).hosts;
    assert!(hosts("portal-captcha-443", "2025-09-29").contains(&"client.hip.live.com")); // D8
    assert_eq!(hosts("portal-captcha-443", "2025-09-30"), ["partner.prod.repmap.microsoft.com"]);
    assert!(hosts("crl-ocsp", "2023").contains(&"ocsp.msocsp.com")); // D13
    assert!(!hosts("crl-ocsp", "2026").contains(&"mscrl.microsoft.com"));
}

#[test]
fn what_a_loss_weighs() {
    use Severity::{Error, Note, Warning};
    let developer = Situation::new(Tier::Developer, Mode::External);
    let mut added = premium();
    added.location = LocationKind::Added;
    for (id, situation, loss, severity) in [
        ("mgmt-3443", premium(), Loss::Needed, Error),
        ("mgmt-3443", premium(), Loss::BesidesCore, Warning), // K9
        ("sql-1433", added, Loss::Needed, Error),             // K18
        ("sql-1433", added, Loss::BesidesCore, Warning),      // D9
        ("lb-probe-6390", premium(), Loss::Needed, Error),
        ("lb-probe-6390", developer, Loss::Needed, Warning), // D3, K5
        ("lb-probe-6391", premium(), Loss::Needed, Warning),
        ("entra-443", premium(), Loss::Needed, Warning), // D4
        ("entra-443", with(premium(), "kv-refs"), Loss::Needed, Error),
        ("tm-443", premium(), Loss::Needed, Note),
        ("tm-443", with(premium(), "multi-region"), Loss::Needed, Error),
        ("credential-idp-443", premium(), Loss::Needed, Note),
        ("credential-idp-443", with(premium(), "credential-manager"), Loss::Needed, Warning), // D5
        ("connectors-443", premium(), Loss::Needed, Note),
        ("connectors-443", with(premium(), "credential-manager"), Loss::Needed, Error), // D5
        ("ratelimit-4290", premium(), Loss::Needed, Note),
        ("ratelimit-4290", with(premium(), "rate-limit"), Loss::Needed, Note),
        ("managed-cert-rp-80", with(premium(), "managed-cert"), Loss::Needed, Error), // D10, K32
        ("dns-53", premium(), Loss::Needed, Error),
        ("dns-53-tcp", premium(), Loss::Needed, Warning),
        ("ntp-123", premium(), Loss::Needed, Warning),
        ("monitor-12000", premium(), Loss::Needed, Warning), // D12
        ("client-http", premium(), Loss::Needed, Note),
        ("smtp-relay", with(premium(), "smtp"), Loss::Needed, Note),
        ("v2i-storage", Situation::new(Tier::PremiumV2, Mode::Injected), Loss::Needed, Warning), // D14, K35
        ("v2i-lb-80", Situation::new(Tier::PremiumV2, Mode::Injected), Loss::Needed, Warning),
        ("v2o-storage", Situation::new(Tier::StandardV2, Mode::Integrated), Loss::Needed, Warning),
        ("wsi-storage", Situation::new(Tier::Workspace, Mode::Integrated), Loss::Needed, Warning),
    ] {
        let found = row(id, &situation, "2026").unwrap();
        assert_eq!(found.severity(&situation, Profile::newest(), loss), severity, "{id} {loss:?}");
    }
}

#[test]
fn a_flow_that_is_not_the_instances_own_says_why() {
    let internal = Situation::new(Tier::Premium, Mode::Internal);
    let developer = Situation::new(Tier::Developer, Mode::External);
    let mut added = premium();
    added.location = LocationKind::Added;
    let mut old = premium();
    old.platform = Platform::Stv1;
    for (id, situation, at, says) in [
        ("client-https", internal, "2026", "only in the modes external; this instance is internal"),
        ("v2i-storage", premium(), "2026", "only for the tiers PremiumV2; this instance is Premium"),
        (
            "mgmt-3443",
            Situation::new(Tier::PremiumV2, Mode::Injected),
            "2026",
            "only for the tiers Developer and Premium",
        ),
        ("mgmt-3443", Situation::new(Tier::Premium, Mode::None), "2026", "not in a virtual network"),
        ("cache-internal", developer, "2026", "at least 2 instances; this location has 1"),
        ("ratelimit-4290", developer, "2026", "at least 2 instances"),
        ("portal-publish", added, "2026", "only in primary locations; this one is added"),
        ("lb-probe-6390", old, "2024", "only on the platform stv2; this instance is on stv1"),
        ("lb-probe-any", old, "2026", "no longer counts from 2025-02-28 on"), // D21
        ("redis-10000", premium(), "seed", "counts from 2026-04-30 on; the profile is of 2025-04-17"),
        ("git-445", premium(), "2026", "no longer counts from 2025-06-17 on"),
        (
            "v2o-inbound",
            Situation::new(Tier::StandardV2, Mode::Integrated),
            "2026",
            "inbound rules have no effect",
        ), // K36
        (
            "wsi-inbound",
            Situation::new(Tier::Workspace, Mode::Integrated),
            "2024",
            "inbound rules have no effect",
        ), // D15
        ("pe-client-443", premium(), "2026", "only in the modes none"),
    ] {
        let selected = select(&situation, profile(at)).into_iter().find(|it| it.row.id == id).unwrap();
        match selected.applies {
            Applies::No { reason } => assert!(reason.contains(says), "{id}: {reason}"),
            Applies::Yes => panic!("{id} applies"),
        }
    }
    // A row whose feature is off is evaluated all the same (section 2).
    assert!(row("smtp-relay", &premium(), "2026").is_some());
}

#[test]
fn the_old_platform_has_its_own_rows_until_it_ended() {
    let mut old = premium();
    old.platform = Platform::Stv1;
    assert_eq!(
        row("lb-probe-any", &old, "2024").unwrap().severity(&old, profile("2024"), Loss::Needed),
        Severity::Error
    );
    assert_eq!(row("keyvault-443", &old, "2024").unwrap().level, Level::OptionalFeature);
    assert!(row("azurecloud-443-12000", &old, "2024").is_some());
    assert!(row("azurecloud-443-12000", &premium(), "2024").is_none());
}

#[test]
fn at_most_one_record_of_a_flow_applies_whatever_the_instance() {
    for at in ["2021", "2023-09", "2024", "2025-03", "seed", "2025", "2026-04-15", "2026-07", "2026"] {
        for &tier in Tier::ALL {
            for &mode in Mode::ALL {
                for &platform in Platform::ALL {
                    for &location in LocationKind::ALL {
                        let mut situation = Situation::new(tier, mode);
                        (situation.platform, situation.location) = (platform, location);
                        for id in flows::ids() {
                            let rows = find(id).unwrap();
                            let yes = rows
                                .iter()
                                .filter(|row| row.applies(&situation, profile(at)).is_yes())
                                .count();
                            assert!(yes <= 1, "{id} {tier} {mode} {platform} {location} {at}");
                        }
                        assert_eq!(select(&situation, profile(at)).len(), set(IDS).len());
                    }
                }
            }
        }
    }
}

#[test]
fn dependencies_lead_somewhere_and_count_machines() {
    let on = |id, situation: &Situation| -> Vec<&str> {
        row(id, situation, "2026").unwrap().dependencies(situation).collect()
    };
    let developer = Situation::new(Tier::Developer, Mode::External);
    assert!(on("mgmt-3443", &premium()).contains(&"lb-probe-6390"));
    assert!(on("mgmt-3443", &developer).is_empty(), "one instance needs no probe to be chosen");
    assert_eq!(on("keyvault-user-443", &developer), ["entra-443"]);
    for id in ["client-https", "client-http", "tm-443", "managed-cert-digicert-80", "managed-cert-rp-80"] {
        assert!(on(id, &premium()).contains(&"lb-probe-6390"), "{id}");
    }
    for row in flows::ROWS {
        if let Need::Packets(packets) = row.need {
            let by_name = packets.quantifier == flows::Quantifier::Fqdn;
            let classic = row.catalogue.as_str().starts_with("classic");
            assert!(!(by_name && classic) || row.depends_on.iter().any(|it| it.id == "dns-53"), "{}", row.id);
        }
    }
}

#[test]
fn names_inside_the_data_resolve() {
    assert_eq!(flows::DISPUTES.iter().map(|it| it.number).collect::<Vec<_>>(), (1..=22).collect::<Vec<_>>());
    for row in flows::ROWS {
        assert!(row.dispute.is_none_or(|number| flows::dispute(number).is_some()), "{}", row.id);
        assert!(row.sources.iter().all(|key| flows::source(key).is_some()), "{}", row.id);
        assert!(!row.sources.is_empty() || row.id == "backend", "{}", row.id);
        assert!(row.until.is_none_or(|until| row.since.is_none_or(|since| since < until)), "{}", row.id);
        for text in [Some(row.purpose), Some(row.breaks), row.note].into_iter().flatten() {
            assert!(!text.ends_with('.') && !text.is_empty(), "{}: {text}", row.id);
        }
        if let Need::Packets(Packets { remote: Remote::Parameter { name, .. }, .. }) = row.need {
            assert!(flows::parameter(name).is_ok(), "{}: {name}", row.id);
        }
        if let Need::Packets(Packets { ports: Ports::Parameter(name), .. }) = row.need {
            assert!(flows::parameter(name).is_ok(), "{}: {name}", row.id);
        }
    }
    assert_eq!(flows::parameter("client-sources").unwrap().name, "client_sources");
}

#[test]
fn rows_between_machines_need_two_of_them() {
    for row in flows::ROWS {
        if let Need::Packets(Packets { seen: Some(Seen::X), remote, .. }) = row.need {
            assert_eq!((remote, row.condition.instances_min), (Remote::Subnet, Some(2)), "{}", row.id);
        }
    }
}

/// One line a record: what the network sees of it.
#[test]
fn the_packets_of_the_core() {
    for (id, line) in [
        ("client-https", "in $client_sources or Internet 443 Tcp par P R2 []"),
        ("client-http", "in $client_sources or Internet 80 Tcp par P R2 []"),
        ("mgmt-3443", "in ApiManagement 3443 Tcp all P R1 []"),
        ("lb-probe-6390", "in AzureLoadBalancer 6390 Tcp all L R6 [65000, 65001]"),
        ("lb-probe-6391", "in AzureLoadBalancer 6391 Tcp all L R6 [65000, 65001]"),
        ("tm-443", "in AzureTrafficManager 443 Tcp all P R2 []"),
        ("storage-443", "out Storage.{own} 443 Tcp reg O R3 [65001]"),
        ("sql-1433", "out Sql.{own} 1433 Tcp reg O R3 [65001]"),
        ("keyvault-443", "out AzureKeyVault 443 Tcp all O R3 [65001]"),
        ("monitor-443", "out AzureMonitor 443 Tcp all O R4 [65001]"),
        ("monitor-1886", "out AzureMonitor 1886 Tcp all O R4 [65001]"),
        ("cert-http-80", "out $certificate_addresses or Internet 80 Tcp fqdn O R4 [65001]"),
        ("cache-internal", "inside subnet 6381-6383 Tcp all X R5 [65000]"),
        ("ratelimit-4290", "inside subnet 4290 Udp all X R5 [65000]"),
        ("eventhub-amqp", "out EventHub.{own} 5671,5672 Tcp reg O R3 [65001]"),
        ("smtp-relay", "out $smtp_addresses or Internet 25,587,25028 Tcp fqdn O R4 [65001]"),
        ("managed-cert-rp-80", "in ApiManagement 80 Tcp all P R1 []"),
        ("redis-10000", "out $cache_endpoint or VirtualNetwork 10000 Tcp par O R4 [65000, 65001]"),
        ("dns-53", "out $dns_servers or AzureDns 53 Udp all O R8 [65000, 65001]"),
        ("ntp-123", "out $ntp_servers or Internet 123 Udp fqdn O R4 [65001]"),
        ("windows-update", "out $windows_update_addresses or Internet 80,443 Tcp fqdn O R4 [65001]"),
    ] {
        let row = row(id, &premium(), "2026").unwrap();
        let it = packets(row);
        let ports = match it.ports {
            Ports::Ranges(ranges) => ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
            Ports::Parameter(name) => format!("${name}"),
        };
        let protocols = it.protocols.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let found = format!(
            "{} {} {ports} {protocols} {} {} {} {:?}",
            row.direction,
            it.remote,
            it.quantifier,
            it.seen.unwrap(),
            it.route_class.unwrap(),
            it.default_rules
        );
        assert_eq!(found, line, "{id}");
    }
}

#[test]
fn control_plane_addresses_by_region() {
    let of = |name: &str| -> Vec<String> {
        let lines = control_plane(&Region::new(name));
        lines.iter().flat_map(|line| line.addresses).map(ToString::to_string).collect()
    };
    assert_eq!(of("West Europe"), ["51.145.179.78"]);
    assert_eq!(of("SWITZERLANDNORTH"), ["51.107.246.176", "51.107.0.91"]); // K10: the old one alone is not enough
    assert_eq!(of("usgoviowa"), ["13.73.72.21", "52.127.42.160", "52.127.34.192"]); // the global two come along
    assert_eq!(of("chinaeast2").len(), 3);
    assert!(of("atlantis").is_empty());
    let public = flows::CONTROL_PLANE.iter().filter(|line| line.cloud == flowcheck::model::Cloud::Public);
    assert_eq!(public.map(|line| line.addresses.len()).sum::<usize>(), 54);
    let moved = control_plane(&Region::new("Switzerland North"))[0].moved.unwrap();
    assert_eq!(
        (moved.old.to_string(), moved.date),
        ("51.107.0.91".to_owned(), Date::new(2023, 9, 30).unwrap())
    );
}

#[test]
fn a_profile_is_a_day_and_short_forms_mean_their_last() {
    for (text, day) in [
        ("2024", "2024-12-31"),
        ("2024-02", "2024-02-29"),
        ("2023-02", "2023-02-28"),
        ("2025-04-17", "2025-04-17"),
        (" SEED ", "seed"),
    ] {
        assert_eq!(profile(text).to_string(), day);
    }
    for text in ["", "2024-2", "2024-13", "2023-02-29", "24-01-01", "2024-01-01-01", "newest", "+024", "0000"]
    {
        let error = text.parse::<Profile>().unwrap_err().to_string();
        assert!(error.contains("YYYY, YYYY-MM, YYYY-MM-DD or seed"), "{text}: {error}");
    }
    assert_eq!(Profile::SEED.date(), Date::new(2025, 4, 17).unwrap());
    assert!(!profile("2025-04-17").is_seed());
    assert!(rows_at(Profile::newest()).all(|row| row.until.is_none()), "nothing ends after the newest date");
}

#[test]
fn a_wrong_name_is_answered_with_the_closest() {
    for (read, closest) in [
        ("mgmt-3433", Some("mgmt-3443")),
        ("keyvault", Some("keyvault-443")),
        ("SQL-1443", Some("sql-1433")),
        ("xyzzy", None),
    ] {
        assert_eq!(find(read).unwrap_err().closest, closest, "{read}");
    }
    assert_eq!(
        Feature::named("ratelimit").unwrap_err().to_string(),
        "there is no feature `ratelimit`; did you mean `rate-limit`?"
    );
    assert_eq!(find(" MGMT-3443 ").unwrap().len(), 1);
}

#[test]
fn features_have_their_defaults() {
    let unknown: BTreeSet<&str> = Feature::all()
        .filter(|feature| premium().features.state(*feature) == FeatureState::Unknown)
        .map(|feature| feature.info().name)
        .collect();
    assert_eq!(unknown, set("rate-limit internal-cache"));
    for name in "http-clients entra graph kv-refs custom-domain-kv managed-cert credential-manager eventhub-log
        app-insights external-cache-redis external-cache-amr dev-portal portal-admin portal-cors-proxy portal-diag git
        smtp event-grid appgw self-hosted-gateway custom-dns multi-region windows-vm-in-subnet"
        .split_whitespace()
    {
        assert_eq!(premium().features.state(Feature::named(name).unwrap()), FeatureState::Off, "{name}");
    }
}
