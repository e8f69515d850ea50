//! Templates in files beside the main one.

use super::summary;
use crate::sources::{Beside, Input, ReadOptions, read};

/// A deployment that links a file and gives it a name for its group.
fn link(name: &str, path: &str, group: &str) -> String {
    format!(
        r#"{{"type": "Microsoft.Resources/deployments", "name": "{name}", "properties": {{
        "templateLink": {{"relativePath": "{path}"}}, "parameters": {{"name": {{"value": "{group}"}}}}}}}}"#
    )
}

fn template(resources: &str) -> String {
    format!(
        r#"{{"contentVersion": "1.0.0.0", "variables": {{"folder": "nested", "own": "main"}},
        "parameters": {{"name": {{"type": "string", "defaultValue": "x"}}}}, "resources": [{resources}],
        "outputs": {{"id": {{"type": "string",
          "value": "[resourceId('Microsoft.Network/networkSecurityGroups', parameters('name'))]"}}}}}}"#
    )
}

const GROUP: &str = r#"{"type": "Microsoft.Network/networkSecurityGroups", "name": "[parameters('name')]",
  "properties": {"securityRules": [{"name": "in", "properties": {"priority": 100, "direction": "Inbound",
    "access": "Deny", "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*",
    "destinationAddressPrefix": "*", "destinationPortRange": "*"}}]}}"#;

/// Reads a template beside which files lie.
fn beside(main: &str, files: &[(&'static str, String)]) -> Input {
    let files = files.to_vec();
    let beside = Beside::of(move |path| {
        let found = files.iter().find(|(name, _)| *name == path)?;
        Some(found.1.clone().into_bytes())
    });
    read(main.as_bytes(), "deploy/main.json", &ReadOptions { beside, ..ReadOptions::default() }).unwrap()
}

fn findings(input: &Input) -> Vec<String> {
    input.findings.iter().map(|finding| finding.message.clone()).collect()
}

#[test]
fn a_linked_template_is_read_where_it_lies_with_its_parameters() {
    let network = r#"{"type": "Microsoft.Network/virtualNetworks", "name": "v", "properties": {
        "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [{"name": "s", "properties": {
        "addressPrefix": "10.0.0.0/24", "networkSecurityGroup": {"id": "[reference('d').outputs.id.value]"}}}]}}"#;
    let main =
        template(&format!("{},\n{network}", link("d", "[concat(variables('folder'), '/nsg.json')]", "g")));
    let input = beside(&main, &[("nested/nsg.json", template(GROUP))]);
    assert_eq!(findings(&input), [""; 0]);
    let group = &input.network.security_groups[0];
    assert_eq!(group.id.name(), "g");
    assert_eq!(&*group.origin.file, "deploy/nested/nsg.json");
    assert_eq!(group.rules.custom().count(), 1);
    let subnet = &input.network.subnets[0];
    assert_eq!(
        subnet.security_group.known().unwrap().as_ref().unwrap(),
        &group.id,
        "{:?}",
        summary(&input.network)
    );
}

/// What is linked has names of its own, and its paths begin where it lies.
#[test]
fn a_linked_template_links_from_its_own_folder() {
    let between = template(&link("inner", "../shared/nsg.json", "[parameters('name')]"));
    let main = template(&link("outer", "nested/net.json", "[variables('own')]"));
    let input = beside(&main, &[("nested/net.json", between), ("shared/nsg.json", template(GROUP))]);
    assert_eq!(findings(&input), [""; 0]);
    let [group] = &input.network.security_groups[..] else { panic!("{:?}", summary(&input.network)) };
    assert_eq!((group.id.name(), &*group.origin.file), ("main", "deploy/shared/nsg.json"));

    let foreign = GROUP.replace("[parameters('name')]", "[variables('own')]");
    let foreign = template(&foreign).replace(r#""variables""#, r#""metadata""#);
    let input = beside(&template(&link("d", "nsg.json", "g")), &[("nsg.json", foreign)]);
    assert!(findings(&input)[0].contains("there is no variable `own`"), "{:?}", findings(&input));
}

#[test]
fn what_is_not_read_says_why() {
    let many = template(&format!("{GROUP}{}", " ".repeat(9 << 20)));
    let files = [
        ("self.json", template(&link("again", "self.json", "g"))),
        ("back.json", template(&link("again", "main.json", "g"))),
        ("values.json", r#"{"parameters": {}}"#.to_owned()),
        ("cut.json", r#"{"resources": ["#.to_owned()),
        ("large.json", many),
    ];
    for (path, why) in [
        ("absent.json", "`absent.json`: it is not beside this file"),
        ("../nsg.json", "`../nsg.json`: it is outside the folder of the main template"),
        ("/etc/nsg.json", "it is outside the folder of the main template"),
        ("https://example.org/nsg.json", "it is outside the folder of the main template"),
        ("[uniqueString(resourceGroup().id)]", "its path is not settled"),
        ("self.json", "`self.json`: it links itself"),
        ("back.json", "`main.json`: it links itself"),
        ("values.json", "`values.json`: it is no template"),
        ("cut.json", "`cut.json`: deploy/cut.json:1:15: read `[`, expected the end of the object or array"),
        ("large.json", "`large.json`: linked templates have more than 8388608 bytes"),
    ] {
        let found = findings(&beside(&template(&format!("{},{GROUP}", link("d", path, "g"))), &files));
        assert_eq!(found.len(), 1, "{path}: {found:?}");
        assert!(found[0].contains("is in another file, which is not read, "), "{path}: {found:?}");
        assert!(found[0].contains(why), "{path}: {found:?}");
    }
    // Whose parameters are in another file too would be read with wrong ones.
    let with_parameters = link("d", "nsg.json", "g")
        .replace(r#""templateLink""#, r#""parametersLink": {"uri": "x"}, "templateLink""#);
    let found = findings(&beside(&template(&with_parameters), &[("nsg.json", template(GROUP))]));
    assert!(found[0].contains("its parameters are in another file too"), "{found:?}");
}

/// Each use counts: a file that is linked again and again does not outrun the limit of work.
#[test]
fn what_is_linked_often_ends() {
    let wide: Vec<String> = (0..30).map(|index| link(&format!("d{index}"), "next.json", "g")).collect();
    let names = ["a.json", "b.json", "c.json", "d.json", "e.json"];
    let files: Vec<(&'static str, String)> = names
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let next = names.get(index + 1).copied().unwrap_or("last.json");
            (*name, template(&wide.join(",").replace("next.json", next)))
        })
        .chain([("last.json", template(GROUP))])
        .collect();
    let input = beside(&template(&wide.join(",").replace("next.json", "a.json")), &files);
    assert!(findings(&input).iter().any(|message| message.contains("more than 50000 resources")));
}

/// On the disk, only files of the folder of the template and below it.
#[test]
fn files_on_the_disk_are_those_of_the_folder() {
    let root = std::env::temp_dir().join(format!("flowcheck-linked-{}", std::process::id()));
    let folder = root.join("deploy");
    std::fs::create_dir_all(folder.join("nested")).unwrap();
    std::fs::write(root.join("outside.json"), "outside").unwrap();
    std::fs::write(folder.join("nested/net.json"), "net").unwrap();
    let beside = Beside::on_disk(&folder.join("main.json"));
    assert_eq!(beside.get("nested/net.json").as_deref(), Some(&b"net"[..]));
    assert_eq!(beside.get("nested"), None);
    assert_eq!(beside.get("absent.json"), None);
    assert_eq!(beside.get("../outside.json"), None);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root.join("outside.json"), folder.join("link.json")).unwrap();
        assert_eq!(beside.get("link.json"), None);
    }
    std::fs::write(folder.join("main.json"), template(&link("d", "nested/nsg.json", "g"))).unwrap();
    std::fs::write(folder.join("nested/nsg.json"), template(GROUP)).unwrap();
    let input = crate::sources::read_file(&folder.join("main.json"), &ReadOptions::default()).unwrap();
    assert_eq!(input.network.security_groups.len(), 1);
    std::fs::remove_dir_all(root).unwrap();
}
