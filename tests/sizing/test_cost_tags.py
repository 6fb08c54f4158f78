from sizing.cost_tags import platform_tags, queue_tags, tenant_tags


def test_a_tenants_tags_are_its_platforms_and_its_own_and_its_own_win() -> None:
    platform = platform_tags({"team": "core", "env": "prod"}, "spark-prod")
    assert platform == {"elastic-spark:platform": "spark-prod", "env": "prod", "team": "core"}
    assert tenant_tags(platform, {"team": "ads"}, "ads") == {
        "elastic-spark:platform": "spark-prod",
        "elastic-spark:tenant": "ads",
        "env": "prod",
        "team": "ads",
    }


def test_tags_are_sorted_so_that_the_same_settings_give_the_same_registrations() -> None:
    found = queue_tags({"team": "ads", "elastic-spark:tenant": "ads"}, "ads-nightly")
    assert list(found) == sorted(found)
    assert found["elastic-spark:queue"] == "ads-nightly"


def test_nobody_can_claim_to_be_another_by_a_tag_of_theirs() -> None:
    assert tenant_tags({}, {"elastic-spark:tenant": "search"}, "ads")["elastic-spark:tenant"] == "ads"
