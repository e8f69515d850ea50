//! The command line: exit statuses, and that an answer never goes over what it was asked of.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const EXAMPLE: &str = "examples/external/main.json";

fn flowcheck(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_flowcheck"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_status_says_how_the_answer_came_out() {
    for (arguments, status) in [
        (&["check", EXAMPLE][..], 1),
        (&["check", EXAMPLE, "--exit-zero"], 0),
        (&["check", EXAMPLE, "--unknown", "maybe"], 2),
        (&["check", "no-such-file.json"], 2),
        (&["check", "examples"], 1),
        (&["check", "src"], 2),
        (&["check", EXAMPLE, "--region", "westeurop"], 2),
        (&["check", EXAMPLE, "--tier", "Basic", "--mode", "external"], 2),
        (&["check", EXAMPLE, "--tier", "Basic", "--mode", "external", "--allow-empty"], 0),
        (&["map", EXAMPLE], 0),
        (&["map", EXAMPLE, "--format", "mermaid"], 0),
        (&["map", EXAMPLE, "--format", "svg"], 2),
        (&["map", "examples/external/parameters.json"], 2),
        (&["map", "src"], 2),
        (&["lint", EXAMPLE], 0),
        (&["lint", EXAMPLE, "--fail-on", "warning"], 1),
        (&["lint", EXAMPLE, "--fail-on", "warning", "--exit-zero"], 0),
        (&["lint", EXAMPLE, "--subnet", "backends"], 2),
        (&["lint", EXAMPLE, "--subnet", "backends", "--allow-empty"], 0),
        (&["lint", EXAMPLE, "--nsg", "apim-nsg", "--fail-on", "note"], 1),
        (&["lint", EXAMPLE, "--nsg", "nope"], 2),
        (&["lint", EXAMPLE, "--fail-on", "everything"], 2),
        (&["packet", EXAMPLE, "In Tcp 8.8.8.8 -> 10.0.1.5:443", "--expect", "allowed"], 0),
        (&["packet", EXAMPLE, "In Tcp 8.8.8.8 -> 10.0.1.5:22", "--expect", "allowed"], 1),
        (&["packet", EXAMPLE, "In Tcp 8.8.8.8 10.0.1.5:22"], 2),
        (&["reach", EXAMPLE, "--port", "3443"], 0),
        (&["reach", EXAMPLE, "--protocol", "icmp"], 0),
        (&["reach", EXAMPLE, "--port", "3443", "--from", "ApiManagement", "--expect", "allowed"], 0),
        (&["reach", EXAMPLE, "--port", "22", "--expect", "blocked"], 0),
        (&["reach", EXAMPLE, "--port", "22,443", "--expect", "blocked"], 1),
        (&["reach", EXAMPLE], 2),
        (&["reach", EXAMPLE, "--port", "443", "--from", "[2001:db8::/32]"], 2),
        (&["route", EXAMPLE, "--from", "apim", "--to", "0.0.0.3"], 0),
        (&["route", EXAMPLE, "--from", "apim", "--to", "0.0.0.1"], 2),
        (&["route", EXAMPLE, "--from", "apim", "--to", "AzurePlatformLKM"], 2),
        (&["prove", EXAMPLE, "every In Tcp Internet -> apim:22 is blocked"], 0),
        (&["prove", EXAMPLE, "some In Tcp Internet -> apim:22 is allowed"], 1),
        (&["prove", EXAMPLE, "some In Tcp Internet -> apim:22 is allowed", "--exit-zero"], 0),
        (&["prove", EXAMPLE, "no In Tcp Internet -> apim:22 is open"], 2),
        (&["prove", EXAMPLE, "no In Tcp Internt -> apim:22 is allowed", "--exit-zero"], 2),
        (&["prove", EXAMPLE, "no In Tcp [::1] -> apim:22 is allowed"], 2),
        (&["prove", EXAMPLE, "no In Tcp * -> *:22 is allowed", "--unknown", "perhaps"], 2),
        (&["prove", EXAMPLE, "no In Tcp * -> *:22 is allowed", "--subnet", "backends"], 1),
        (&["prove", EXAMPLE, "no In Tcp * -> *:22 is allowed", "--subnet", "apim"], 0),
        (&["prove", EXAMPLE], 2),
        (&["tags", "show", "Storag"], 2),
        (&["explain", "mgmt-3443"], 0),
        (&["flows", "--feature", "nope"], 2),
        (&["--version"], 0),
        (&["nonsense"], 2),
    ] {
        let output = flowcheck(arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {told}");
        assert_eq!(status == 2, !told.is_empty() && status != 0 && status != 1, "{arguments:?}: {told}");
    }
}

#[test]
fn a_mistake_in_a_question_is_shown_where_it_was_typed() {
    for (arguments, told) in [
        (
            &["--from", "Internt,10.0.0.0/8", "--port", "443"][..],
            "`Internt` is neither a service tag nor a subnet of the input; did you mean Internet?\n  \
             --from Internt,10.0.0.0/8\n         ^^^^^^^\n",
        ),
        (
            &["--from", "10.0.0.0/8,", "--port", "443"],
            "the text ends where an address, a prefix, a tag, a subnet's name, asg:NAME or * was expected\n  \
             --from 10.0.0.0/8,\n                    ^\n",
        ),
        (
            &["--port", "80,90-x"],
            "`90-x`: expected a port (a number from 0 to 65535, a range such as 80-443, or *)\n  \
             --port 80,90-x\n            ^^^^\n",
        ),
        (
            &["--port", "443-80"],
            "`443-80`: expected a range that begins with its lower port; did you mean `80-443`?\n  \
             --port 443-80\n         ^^^^^^\n",
        ),
        (
            &["--port", "8000,800x,80,0x"],
            "`800x`: expected a port (a number from 0 to 65535, a range such as 80-443, or *)\n  \
             --port 8000,800x,80,0x\n              ^^^^\n",
        ),
        (
            &["--port", ",443"],
            "nothing stands where a port (a number from 0 to 65535, a range such as 80-443, or *) was expected\n  \
             --port ,443\n         ^\n",
        ),
        (
            &["--from", "10.0.0.0/33", "--port", "443"],
            "`33`: expected the length of a prefix (a number from 0 to 32)\n  \
             --from 10.0.0.0/33\n                  ^^\n",
        ),
        (
            &["--port", "443", "--protocol", "tcp,tc"],
            "`tc`: expected a protocol (Tcp, Udp, Icmp, Esp, Ah or a number from 0 to 255); did you mean `Tcp`?\n  \
             --protocol tcp,tc\n                 ^^\n",
        ),
        (
            &["--port", "443", "--expect", "not_applicable"],
            "--expect `not_applicable`: one of allowed, blocked, partial, unknown\n",
        ),
        (
            &["--port", "443", "--protocol", "tcp,quic"],
            "`quic`: expected a protocol (Tcp, Udp, Icmp, Esp, Ah or a number from 0 to 255)\n  \
             --protocol tcp,quic\n                 ^^^^\n",
        ),
        (&[], "which port? write --port 443, a list or range such as 80,1024-2000, or --port all\n"),
        (&["--to", "apim:443", "--port", "80"], "ports stand in --to and in --port: write them once\n"),
        (
            &["--from", "[2001:db8::/32]", "--port", "443"],
            "`In Tcp [2001:db8::/32]:* -> own-subnet:443` holds no packet: its sides have no address family in common\n",
        ),
    ] {
        let output = flowcheck(&[&["reach", EXAMPLE][..], arguments].concat());
        assert_eq!(String::from_utf8_lossy(&output.stderr), format!("flowcheck: {told}"), "{arguments:?}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
}

#[test]
fn reach_asks_the_subnet_that_its_own_side_names() {
    for (arguments, says) in [
        (&["--to", "backends", "--port", "443"][..], "Tcp 443 into backends (10.0.2.0/24)"),
        (&["--to", "subnet:apim", "--port", "443"], "Tcp 443 into subnet:apim (10.0.1.0/24)"),
        (&["--to", "10.0.1.7", "--port", "443"], "Tcp 443 into 10.0.1.7,"),
        (&["--direction", "out", "--to", "Sql:1443"], "Tcp 1443 out of apim (10.0.1.0/24) to Sql,"),
        (&["--direction", "out", "--from", "apim", "--port", "80"], "Tcp 80 out of apim (10.0.1.0/24)"),
        (&["--protocol", "esp"], "Esp into apim"),
        (&["--protocol", "*", "--port", "all"], "Traffic into apim"),
        (&["--protocol", "udp", "--port", "53", "--port", "123-124"], "Udp 53,123-124 into apim"),
        (
            &["--protocol", "tcp,udp", "--port", "53"],
            "Tcp and Udp traffic to port 53 is not reachable in apim",
        ),
        (&["--protocol", "all", "--port", "50-53"], "Traffic to ports 50-53 into apim"),
        (&["--protocol", "tcp,udp,47", "--port", "all"], "Tcp, Udp and Gre traffic of every port into apim"),
        (&["--port", "443", "--from", "Sql:99"], "All Tcp 443 from Sql:99 is let into apim."),
        (&["--port", "443", "--from", "Sql:99"], "Tcp 443 from Sql:99 into apim"),
        (&["--port", "443", "--from", "Sql:*"], "Tcp 443 from Sql into apim"),
        (
            &["--direction", "out", "--from", "apim:99", "--port", "22"],
            "Tcp 22 does not get out of apim:99 to anywhere.",
        ),
    ] {
        let output = flowcheck(&[&["reach", EXAMPLE][..], arguments].concat());
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(says), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_wrong_word_is_told_with_what_could_stand_there() {
    let folder = folder("words");
    let empty = folder.join("empty.csv");
    fs::write(&empty, "").unwrap();
    for (arguments, told) in [
        (
            &["check", EXAMPLE, "--feature", "nope"][..],
            "--feature nope: there is no feature `nope`; `flowcheck flows --features` lists them",
        ),
        (
            &["check", EXAMPLE, "--param", "nope=1"],
            "--param nope=1: there is no parameter `nope`; `flowcheck flows --params` lists them",
        ),
        (
            &["lint", EXAMPLE, "--quiet", "--verbose"],
            "the argument '--quiet' cannot be used with '--verbose'",
        ),
        (
            &["lint", EXAMPLE, "--subnet", "backends"],
            "there is no rule to look at in the network security group of backends, if it has one",
        ),
        (
            &["packet", EXAMPLE, "In Tcp 8.8.8.8 -> 10.0.1.4:443", "--expect", "partial"],
            "--expect `partial`: one of allowed, blocked, unknown",
        ),
        (
            &["packet", EXAMPLE, "In Tcp 8.8.8.8 -> 10.0.1.4:443 or so"],
            "`or so`: expected the end of the side, which has one address and one port",
        ),
        (&["packet", EXAMPLE, "--batch", "nope.csv"], "nope.csv: there is no such file"),
        (
            &["packet", EXAMPLE, "--batch", empty.to_str().unwrap()],
            "has no column `direction`: read an empty file, expected direction,",
        ),
    ] {
        let output = flowcheck(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(told), "{arguments:?}: {error}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
}

#[test]
fn groups_of_one_name_are_offered_by_their_ids_which_choose_them() {
    let folder = folder("one-name");
    let file = folder.join("groups.json");
    let id = |group: &str| {
        format!(
            "/subscriptions/s/resourceGroups/{group}/providers/Microsoft.Network/networkSecurityGroups/web"
        )
    };
    let group = |of: &str| {
        format!(
            r#"{{"id": "{}", "name": "web", "type": "Microsoft.Network/networkSecurityGroups", "securityRules": []}}"#,
            id(of)
        )
    };
    fs::write(&file, format!("[{}, {}]", group("a"), group("b"))).unwrap();
    let ask =
        |more: &[&str]| flowcheck(&[&["reach", file.to_str().unwrap(), "--port", "443"][..], more].concat());
    let told = String::from_utf8_lossy(&ask(&[]).stderr).into_owned();
    assert!(told.contains(&format!("choose one: --nsg {}, --nsg {}", id("a"), id("b"))), "{told}");
    assert_eq!(ask(&["--nsg", &id("b")]).status.code(), Some(0));
}

#[test]
fn a_group_is_named_for_the_subnet_of_another_deployment() {
    let folder = folder("elsewhere");
    let template = folder.join("main.json");
    // The example without its network: the instance's subnet is not in the input.
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE)).unwrap();
    let text =
        text.replace("\"type\": \"Microsoft.Network/virtualNetworks\"", "\"type\": \"Other.Kind/networks\"");
    fs::write(&template, text).unwrap();
    let file = template.to_str().unwrap();
    let alone = flowcheck(&["check", file]);
    assert_eq!(alone.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&alone.stdout).contains("az network vnet subnet show"));
    let named = flowcheck(&[
        "check",
        file,
        "--nsg",
        "apim-nsg",
        "--vnet-prefix",
        "10.0.0.0/16",
        "--subnet-prefix",
        "10.0.1.0/24",
    ]);
    let told = String::from_utf8_lossy(&named.stdout);
    assert!(
        told.starts_with("apim-contoso   external, Premium, West Europe   subnet hub-vnet/apim 10.0.1.0/24"),
        "{told}"
    );
    assert!(told.contains("all 2,575 addresses  DenyAllOutbound (4096)"), "{told}");
}

#[test]
fn an_answer_never_goes_over_its_input_nor_over_another_answer() {
    let folder = folder("outputs");
    let input = folder.join("main.json");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join(EXAMPLE), &input).unwrap();
    let before = fs::read(&input).unwrap();
    let (file, answer) = (input.to_str().unwrap(), folder.join("answer.json"));
    let to = |path: &Path| format!("json={}", path.display());
    for arguments in [
        &["check", file, "--output", file][..],
        &["check", file, "--format", &to(&input)],
        &["check", file, "--format", &to(&answer), "--format", &to(&answer)],
    ] {
        assert_eq!(flowcheck(arguments).status.code(), Some(2), "{arguments:?}");
        assert_eq!(fs::read(&input).unwrap(), before, "{arguments:?}");
    }
    assert_eq!(flowcheck(&["check", file, "--format", &to(&answer)]).status.code(), Some(1));
    assert!(fs::read_to_string(&answer).unwrap().starts_with('{'));
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_a_device_is_written_through() {
    let folder = folder("links");
    let (real, link) = (folder.join("real.txt"), folder.join("link.txt"));
    fs::write(&real, "old").unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    flowcheck(&["check", EXAMPLE, "--output", link.to_str().unwrap()]);
    assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
    assert!(fs::read_to_string(&real).unwrap().contains("sql-1433"));
    assert_eq!(flowcheck(&["check", EXAMPLE, "--output", "/dev/null"]).status.code(), Some(1));
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_batch_keeps_its_rows_and_tells_the_bad_ones() {
    let folder = folder("batch");
    let packets = folder.join("packets.csv");
    let rows = "id,direction,protocol,src,sport,dst,dport\n\
        1,In,Tcp,8.8.8.8,50000,10.0.1.5,443\n\
        2,Sideways,Tcp,8.8.8.8,50000,10.0.1.5,443\n\
        3,OUTBOUND,17,10.0.1.5,,168.63.129.16,53\n\
        4,In,Icmp,10.0.0.9,x,10.0.1.5,\n";
    fs::write(&packets, rows).unwrap();
    let output = flowcheck(&["packet", EXAMPLE, "--batch", packets.to_str().unwrap()]);
    let expected = "id,direction,protocol,src,sport,dst,dport,verdict,layer,nsg,rule,priority\n\
        1,In,Tcp,8.8.8.8,50000,10.0.1.5,443,allowed,subnet-nsg,apim-nsg,AllowClients,100\n\
        2,Sideways,Tcp,8.8.8.8,50000,10.0.1.5,443,error,,,,\n\
        3,OUTBOUND,17,10.0.1.5,,168.63.129.16,53,allowed,platform,,,\n\
        4,In,Icmp,10.0.0.9,x,10.0.1.5,,blocked,subnet-nsg,apim-nsg,DenyAllInbound,4096\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 3: `Sideways` is no direction"));
}

#[test]
fn a_row_for_an_address_of_several_networks_is_not_asked_at_the_first() {
    let folder = folder("overlap");
    let network = |name: &str| {
        format!(
            r#"{{ "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2024-05-01", "name": "{name}",
            "properties": {{ "addressSpace": {{ "addressPrefixes": ["10.0.0.0/16"] }}, "subnets": [
            {{ "name": "{name}-a", "properties": {{ "addressPrefix": "10.0.1.0/24" }} }},
            {{ "name": "{name}-b", "properties": {{ "addressPrefix": "10.0.{}.0/24" }} }}] }} }}"#,
            name.len()
        )
    };
    let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
    let text = format!(
        r#"{{ "$schema": "{schema}", "contentVersion": "1.0.0.0", "resources": [{},{}] }}"#,
        network("two"),
        network("four")
    );
    let (input, packets) = (folder.join("main.json"), folder.join("packets.csv"));
    fs::write(&input, text).unwrap();
    let rows = "direction,protocol,src,sport,dst,dport\nIn,Tcp,10.0.3.4,50000,10.0.1.4,443\nIn,Tcp,10.0.1.4,50000,10.0.3.4,443\n";
    fs::write(&packets, rows).unwrap();
    let output = flowcheck(&["packet", input.to_str().unwrap(), "--batch", packets.to_str().unwrap()]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("line 2: 10.0.1.4 lies in several subnets, two/two-a and four/four-a among them"),
        "{told}"
    );
    let rows = String::from_utf8(output.stdout).unwrap();
    assert!(rows.contains("10.0.3.4,443,allowed"), "{rows}");
    assert_eq!(output.status.code(), Some(2));
}

/// A subnet whose table drops everything, with a machine that has a group of its own and a private endpoint to which
/// neither groups nor tables apply (S109).
const HOSTS: &str = r#"{ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0", "resources": [
    { "type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2024-05-01", "name": "nic-nsg",
      "properties": { "securityRules": [ { "name": "NoWeb", "properties": { "priority": 100, "direction": "Inbound",
        "access": "Deny", "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*",
        "destinationAddressPrefix": "*", "destinationPortRange": "443" } } ] } },
    { "type": "Microsoft.Network/routeTables", "apiVersion": "2024-05-01", "name": "rt", "properties": { "routes": [
      { "name": "nowhere", "properties": { "addressPrefix": "10.9.0.0/16", "nextHopType": "None" } } ] } },
    { "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2024-05-01", "name": "vnet",
      "properties": { "addressSpace": { "addressPrefixes": ["10.0.0.0/16"] }, "subnets": [ { "name": "hosts",
        "properties": { "addressPrefix": "10.0.1.0/24",
          "routeTable": { "id": "[resourceId('Microsoft.Network/routeTables', 'rt')]" } } } ] } },
    { "type": "Microsoft.Network/networkInterfaces", "apiVersion": "2024-05-01", "name": "nic", "properties": {
      "networkSecurityGroup": { "id": "[resourceId('Microsoft.Network/networkSecurityGroups', 'nic-nsg')]" },
      "ipConfigurations": [ { "name": "ip", "properties": { "privateIPAddress": "10.0.1.4",
        "privateIPAllocationMethod": "Static",
        "subnet": { "id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'hosts')]" } } } ] } },
    { "type": "Microsoft.Network/privateEndpoints", "apiVersion": "2024-05-01", "name": "sql", "properties": {
      "subnet": { "id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet', 'hosts')]" },
      "ipConfigurations": [ { "name": "ip", "properties": { "groupId": "sql", "memberName": "sql",
        "privateIPAddress": "10.0.1.9" } } ] } } ] }"#;

#[test]
fn a_batch_names_what_decides_in_every_layer() {
    let folder = folder("layers");
    let (input, packets) = (folder.join("main.json"), folder.join("packets.csv"));
    fs::write(&input, HOSTS).unwrap();
    let rows = [
        ("In,Tcp,10.0.2.4,50000,10.0.1.4,443", "blocked,nic-nsg,nic-nsg,NoWeb,100"),
        ("In,Tcp,10.0.2.4,50000,10.0.1.4,80", "allowed,nic-nsg,nic-nsg,AllowVnetInBound,65000"),
        ("Out,Tcp,10.0.1.4,50000,10.9.2.4,443", "blocked,nic-nsg,nic-nsg,DenyAllOutBound,65500"),
        ("Out,Tcp,10.0.1.5,50000,10.9.2.4,443", "blocked,route,,nowhere,"),
        // The first that blocks decides, the routes behind it or not.
        ("In,Tcp,198.18.0.4,50000,10.0.1.5,443", "blocked,no-nsg,,,"),
        ("In,Tcp,8.8.8.8,50000,10.0.1.5,443", "blocked,no-nsg,,,"),
        ("In,Tcp,20.35.252.9,50000,10.0.1.5,443", "blocked,no-nsg,,,"),
    ];
    let asked: Vec<&str> = rows.iter().map(|(row, _)| *row).collect();
    fs::write(&packets, format!("direction,protocol,src,sport,dst,dport\n{}\n", asked.join("\n"))).unwrap();
    let input = input.to_str().unwrap();
    let output = flowcheck(&["packet", input, "--batch", packets.to_str().unwrap()]);
    let printed = String::from_utf8(output.stdout).unwrap();
    for ((row, answer), line) in rows.iter().zip(printed.lines().skip(1)) {
        assert_eq!(line, format!("{row},{answer}"));
    }
    assert_eq!(printed.lines().count(), rows.len() + 1);
}

#[test]
fn the_routes_of_a_subnet_are_not_told_of_an_endpoint_that_has_none() {
    let folder = folder("unrouted");
    let input = folder.join("main.json");
    fs::write(&input, HOSTS).unwrap();
    let ask = |packet: &str| {
        String::from_utf8(flowcheck(&["packet", input.to_str().unwrap(), packet, "--trace"]).stdout).unwrap()
    };
    let to_endpoint = ask("In Tcp 10.9.2.4:50000 -> 10.0.1.9:1433");
    assert!(to_endpoint.contains("allowed") && !to_endpoint.contains("nowhere"), "{to_endpoint}");
    let beside_it = ask("In Tcp 10.9.2.4:50000 -> 10.0.1.8:1433");
    assert!(beside_it.contains("blocked") && beside_it.contains("nowhere"), "{beside_it}");
}

#[test]
fn lint_says_what_is_not_settled_and_looks_where_it_is_told() {
    let folder = folder("lint");
    let rule = |name: &str, priority: u32, source: &str| {
        format!(
            r#"{{"name": "{name}", "properties": {{"direction": "Inbound", "priority": {priority}, "access": "Allow",
            "protocol": "Tcp", {source}, "sourcePortRange": "*",
            "destinationAddressPrefix": "*", "destinationPortRange": "443"}}}}"#
        )
    };
    let id = |kind: &str, name: &str| {
        format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/{name}")
    };
    let group = |name: &str, rules: &[String]| {
        format!(
            r#"{{"id": "{}", "name": "{name}", "type": "Microsoft.Network/networkSecurityGroups",
            "location": "westeurope", "properties": {{"securityRules": [{}]}}}}"#,
            id("networkSecurityGroups", name),
            rules.join(",")
        )
    };
    let from = |prefix: &str| format!(r#""sourceAddressPrefix": "{prefix}""#);
    let plain =
        group("plain", &[rule("A", 100, &from("192.0.2.0/24")), rule("B", 110, &from("192.0.2.7/32"))]);
    // The members of the application security group are not in the input.
    let members = format!(
        r#""sourceApplicationSecurityGroups": [{{"id": "{}"}}]"#,
        id("applicationSecurityGroups", "web")
    );
    let open = group("open", &[rule("C", 100, &members)]);
    let file = folder.join("groups.json");
    fs::write(&file, format!("[{plain}, {open}]")).unwrap();
    let file = file.to_str().unwrap();
    for (more, status, summary) in [
        (&["--nsg", "plain"][..], 0, "2 rules of 1 group: 1 shadowed (service tags 376).\n"),
        (&["--nsg", "plain", "--fail-on", "note"], 1, "1 shadowed (service tags 376).\n"),
        (
            &["--nsg", "open", "--fail-on", "warning"],
            3,
            "1 rule of 1 group: 1 not settled (service tags 376).\n",
        ),
        (
            &["--nsg", "open", "--fail-on", "warning", "--unknown", "deny"],
            1,
            "1 not settled (service tags 376).\n",
        ),
        (
            &["--nsg", "open", "--fail-on", "warning", "--unknown", "allow"],
            0,
            "1 not settled (service tags 376).\n",
        ),
        (
            &["--fail-on", "warning"],
            3,
            "3 rules of 2 groups: 1 shadowed, 1 not settled (service tags 376).\n",
        ),
        (&[], 0, "3 rules of 2 groups: 1 shadowed, 1 not settled (service tags 376).\n"),
    ] {
        let output = flowcheck(&[&["lint", file], more].concat());
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.ends_with(summary), "{more:?}: {told}");
        assert_eq!(output.status.code(), Some(status), "{more:?}: {told}");
    }
}

#[test]
fn an_unknown_property_has_a_status_of_its_own() {
    const INPUT: &str = "scenarios/inputs/nsg-outside-the-input-leaves-every-answer-open.json";
    const OPEN: &str = "no In Tcp Internet -> 10.0.1.5:22 is allowed";
    // The platform settles these whatever the group says.
    const TRUE: &str = "every In Gre Internet -> 10.0.1.5 is blocked";
    const FALSE: &str = "some In Gre Internet -> 10.0.1.5 is allowed";
    for (arguments, status) in [
        (&[OPEN][..], 3),
        (&[OPEN, TRUE], 3),
        (&[OPEN, FALSE], 1),
        (&[OPEN, TRUE, "--unknown", "allow"], 0),
        (&[OPEN, FALSE, "--unknown", "allow"], 1),
        (&[OPEN, TRUE, "--unknown", "deny"], 1),
        (&[OPEN, "--exit-zero"], 0),
        (&[TRUE], 0),
    ] {
        let output = flowcheck(&[&["prove", INPUT][..], arguments].concat());
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {told}");
        assert!(told.is_empty(), "{told}");
    }
}

#[test]
fn properties_come_from_files_too_and_every_mistake_of_them_is_told() {
    let folder = folder("properties");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let lines = write("lines.txt", "# ours\nno In Tcp Internet -> apim:22 is allowed\n");
    let list = write("list.yaml", "- some In Tcp Internet -> apim:443 is allowed\n");
    let scenario =
        write("a.yaml", "scenario: A\nproperties:\n  - every In Tcp Internet -> apim:22 is allowed\n");
    let output = flowcheck(&[
        "prove",
        EXAMPLE,
        "some In Tcp * -> apim:443 is allowed",
        "--properties",
        &lines,
        "--properties",
        &list,
        "--properties",
        &scenario,
    ]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("lines.txt:2") && told.contains("list.yaml:1") && told.contains("a.yaml:3"),
        "{told}"
    );
    assert!(told.ends_with("4 properties at hub-vnet/apim: 3 true, 1 false (service tags 376)\n"), "{told}");

    let wrong =
        write("wrong.txt", "no In Tpc Internet -> apim:22 is allowed\n\n  no In Tcp * *:22 is allowed\n");
    let output = flowcheck(&["prove", EXAMPLE, "evry In Tcp * -> *:1 is allowed", "--properties", &wrong]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    for says in [
        "flowcheck: `evry`: expected a quantifier (every, some or no); did you mean `every`?\n  evry In Tcp * -> *:1 is allowed\n  ^^^^\n",
        "wrong.txt:1:7: `Tpc`: expected a protocol",
        "wrong.txt:3:15: `*:22`: expected an arrow",
    ] {
        assert!(told.contains(says), "{told}");
    }
    for (name, says) in [("empty.txt", "there is no property to prove"), ("b.yaml", "no key `properties`")] {
        let path = write(name, if name == "b.yaml" { "scenario: B\n" } else { "# none\n" });
        let output = flowcheck(&["prove", EXAMPLE, "--properties", &path]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(says), "{told}");
    }
}

#[test]
fn a_template_of_a_directory_that_another_links_is_asked_as_a_part_of_it_alone() {
    let folder = folder("linked");
    fs::create_dir_all(folder.join("nested")).unwrap();
    let group = r#"{"contentVersion": "1.0.0.0", "resources": [{"name": "web-nsg",
        "type": "Microsoft.Network/networkSecurityGroups", "properties": {"securityRules": [{"name": "only-rule",
        "properties": {"priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
        "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
        "destinationPortRange": "443"}}]}}]}"#;
    let main = r#"{"contentVersion": "1.0.0.0", "resources": [{"name": "rules",
        "type": "Microsoft.Resources/deployments",
        "properties": {"templateLink": {"relativePath": "nested/nsg.json"}}}]}"#;
    fs::write(folder.join("main.json"), main).unwrap();
    fs::write(folder.join("nested/nsg.json"), group).unwrap();
    let (name, linked) = (folder.display().to_string(), folder.join("nested/nsg.json").display().to_string());
    for (inputs, rules) in [(&[&*name][..], 1), (&[&name, "--join"], 1), (&[&name, &linked], 2)] {
        let output = flowcheck(&[&["lint", "--format", "json"], inputs].concat());
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let found = out.split("\"rules\"").nth(1).map_or(0, |all| all.matches("only-rule").count());
        assert_eq!(found, rules, "a file that is named is asked: {inputs:?} {out}{err}");
        assert!(err.contains("nsg.json: it is read with the template that links it"), "{err}");
    }
}

#[test]
fn templates_that_only_link_each_other_in_a_ring_are_all_asked() {
    let folder = folder("linked-ring");
    for (name, other) in [("first", "second"), ("second", "first")] {
        let template = r#"{"contentVersion": "1.0.0.0", "resources": [{"name": "NAME-nsg",
            "type": "Microsoft.Network/networkSecurityGroups", "properties": {"securityRules": [{"name": "NAME-rule",
            "properties": {"priority": 100, "direction": "Inbound", "access": "Allow", "protocol": "Tcp",
            "sourceAddressPrefix": "*", "sourcePortRange": "*", "destinationAddressPrefix": "*",
            "destinationPortRange": "443"}}]}}, {"name": "rules", "type": "Microsoft.Resources/deployments",
            "properties": {"templateLink": {"relativePath": "OTHER.json"}}}]}"#;
        let template = template.replace("NAME", name).replace("OTHER", other);
        fs::write(folder.join(format!("{name}.json")), template).unwrap();
    }
    let output = flowcheck(&["lint", "--format", "json", &folder.display().to_string()]);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(out.contains("first-rule") && out.contains("second-rule"), "{out}{err}");
    assert!(out.contains("it links itself"), "{out}");
    assert!(!err.contains("left out"), "{err}");
}

#[test]
fn check_names_long_sides_by_the_tags_of_the_rules() {
    let told = flowcheck(&["check", EXAMPLE, "--format", "json"]).stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let flows = told["instances"][0]["flows"].as_array().unwrap();
    let sides = |flow: &serde_json::Value, side: &str| -> Vec<String> {
        let parts = flow["parts"].as_array().unwrap().iter();
        parts
            .map(|part| part[side].as_array().unwrap())
            .map(|nets| serde_json::to_string(nets).unwrap())
            .collect()
    };
    let hosts = flows.iter().find(|flow| flow["id"] == "credential-idp-443").unwrap();
    let named = sides(hosts, "destination");
    assert!(named.contains(&r#"["Storage"]"#.to_owned()), "{named:?}");
    let rest = named.iter().find(|side| side.starts_with(r#"["Internet except ("#)).unwrap();
    assert!(rest.contains(",Storage,"), "{rest}");
    for flow in flows {
        let longest =
            ["source", "destination"].into_iter().flat_map(|side| sides(flow, side)).max_by_key(String::len);
        assert!(longest.is_none_or(|side| side.matches('/').count() <= 1000), "{}", flow["id"]);
    }
}

/// Inputs are asked at the same time, and answered in their order.
#[test]
fn lint_answers_for_inputs_in_their_order() {
    let folder = folder("lint-in-order");
    let names: Vec<String> = (0..12).map(|number| format!("group{number}")).collect();
    for name in &names {
        let rule = r#"{"name": "RULE", "properties": {"priority": 100, "direction": "Inbound", "access": "Allow",
            "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*",
            "destinationAddressPrefix": "*", "destinationPortRange": "443"}}"#;
        let group = format!(
            r#"{{"type": "Microsoft.Network/networkSecurityGroups", "apiVersion": "2024-05-01", "name": "nsg",
            "properties": {{"securityRules": [{}]}}}}"#,
            rule.replace("RULE", name)
        );
        let template = format!(
            r#"{{"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "contentVersion": "1.0.0.0", "resources": [{group}]}}"#
        );
        fs::write(folder.join(format!("{name}.json")), template).unwrap();
    }
    let files: Vec<String> =
        names.iter().rev().map(|name| folder.join(format!("{name}.json")).display().to_string()).collect();
    let mut arguments = vec!["lint", "--format", "json"];
    arguments.extend(files.iter().map(String::as_str));
    let told = String::from_utf8(flowcheck(&arguments).stdout).unwrap();
    let rules = &told[told.find("\"rules\"").unwrap()..];
    let places: Vec<usize> =
        names.iter().rev().map(|name| rules.find(&format!("\"{name}\"")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}
