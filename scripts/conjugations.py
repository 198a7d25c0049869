"""Compares a table of the tutor's forms with verbecc. Run by scripts/conjugations."""

import collections
import json
import logging
import sys

logging.disable(logging.CRITICAL)
from verbecc import CompleteConjugator, LangCodeISO639_1

TENSES = {
    "subjunctive.present": ("subjuntivo", ["presente"]),
    "subjunctive.imperfect": ("subjuntivo", ["pretérito-imperfecto-1", "pretérito-imperfecto-2"]),
    "subjunctive.presentPerfect": ("subjuntivo", ["pretérito-perfecto"]),
    "subjunctive.pluperfect": ("subjuntivo", ["pretérito-pluscuamperfecto-1", "pretérito-pluscuamperfecto-2"]),
    "subjunctive.future": ("subjuntivo", ["futuro"]),
    "subjunctive.futurePerfect": ("subjuntivo", ["futuro-perfecto"]),
    "indicative.present": ("indicativo", ["presente"]),
    "indicative.preterite": ("indicativo", ["pretérito-perfecto-simple"]),
    "indicative.imperfect": ("indicativo", ["pretérito-imperfecto"]),
    "indicative.future": ("indicativo", ["futuro"]),
    "indicative.conditional": ("condicional", ["presente"]),
    "indicative.perfect": ("indicativo", ["pretérito-perfecto-compuesto"]),
    "indicative.pluperfect": ("indicativo", ["pretérito-pluscuamperfecto"]),
    "indicative.futurePerfect": ("indicativo", ["futuro-perfecto"]),
    "indicative.conditionalPerfect": ("condicional", ["perfecto"]),
}
PERSONS = {
    "yo": "yo", "tú": "tu", "él": "el", "nosotros": "nosotros", "vosotros": "vosotros", "ellos": "ellos", "vos": "vos",
}


def ours(path):
    forms = collections.defaultdict(dict)
    for line in open(path, encoding="utf-8"):
        verb, tense, person, text = line.rstrip("\n").split("\t")
        forms[verb][tense, person] = text.split("|")
    return forms


def theirs(conjugation):
    forms = collections.defaultdict(list)
    moods = conjugation["moods"]
    for tense, (mood, names) in TENSES.items():
        for name in names:
            for item in moods[mood].get(name, []):
                if item.get("pr") not in PERSONS:
                    continue
                for text in item["c"]:
                    for form in text.split("/"):
                        form = form.strip().removeprefix(item["pr"] + " ")
                        forms[tense, PERSONS[item["pr"]]].append(form)
    forms["gerund", "-"] = list(moods["gerundio"]["gerundio"][0]["c"])
    forms["participle", "-"] = [form for item in moods["participo"]["participo"] for form in item["c"]]
    return forms


def explanations(path):
    """Lines of verb, tense, person, form, why; an asterisk stands for anything, several verbs have commas.

    A form is verbecc's, or with a plus before it one of ours that verbecc has not. An asterisk for forms has the number of
    differences that it stands for after it, so that it hides none that comes later.
    """
    rows = []
    for line in open(path, encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            verbs, tense, person, form, _ = line.rstrip("\n").split("\t")
            form, asterisk, count = form.partition("*")
            rows.append((verbs.split(","), tense, person, form + asterisk, int(count) if asterisk else None))
    return rows


def oxytone(form):
    for ending, other in (("éis", "és"), ("áis", "ás"), ("eis", "es"), ("ais", "as")):
        if form.endswith(ending):
            return form[: -len(ending)] + other
    return form


def vos_by_rule(found):
    """The forms of vos that the rule makes of verbecc's own forms of tú and vosotros: the latter without their i."""
    plural = {oxytone(form) for form in found["subjunctive.present", "vosotros"]}
    return set(found["subjunctive.present", "tu"]) | plural


def main():
    tables = ours(sys.argv[1])
    rows = explanations(sys.argv[2])
    used = collections.Counter()

    def is_explained(verb, tense, person, form):
        for row in rows:
            verbs, *rest, want_form, _ = row
            is_form = want_form == form or want_form == ("+*" if form.startswith("+") else "*")
            if is_form and (verbs == ["*"] or verb in verbs) and all(
                want in ("*", has) for want, has in zip(rest, (tense, person))
            ):
                used[tuple(map(str, row))] += 1
                return True
        return False

    conjugator = CompleteConjugator(LangCodeISO639_1.es)
    agreed, explained, total = collections.Counter(), collections.Counter(), collections.Counter()
    open_, guessed = [], []
    for verb, mine in tables.items():
        try:
            conjugation = json.loads(conjugator.conjugate(verb).to_json())
        except Exception:
            guessed.append(verb)
            continue
        if conjugation["verb"]["predicted"]:
            guessed.append(verb)
            continue
        forms = theirs(conjugation)
        # A participle that differs is one difference, not one for each compound form.
        other = [form for form in forms["participle", "-"] if form not in mine["participle", "-"]]
        further = [form for form in mine["participle", "-"] if form not in forms["participle", "-"]]
        by_rule = vos_by_rule(forms)
        for (tense, person), found in forms.items():
            for form in found:
                total[tense] += 1
                words = form.split(" ")
                if len(words) == 2 and words[1] in other:
                    form = f"{words[0]} {mine['participle', '-'][0]}"
                if form in mine[tense, person]:
                    agreed[tense] += 1
                elif tense == "subjunctive.present" and person == "vos" and set(mine[tense, person]) <= by_rule:
                    explained[tense] += 1
                elif is_explained(verb, tense, person, form):
                    explained[tense] += 1
                else:
                    open_.append((verb, tense, person, form, "|".join(mine[tense, person])))
        # The other way: what we have and verbecc has not, where it has nothing else instead.
        for (tense, person), found in forms.items():
            if not set(found) <= set(mine[tense, person]):
                continue
            for form in mine[tense, person]:
                words = form.split(" ")
                is_vos = tense == "subjunctive.present" and person == "vos" and form in by_rule
                is_told = form in found or is_vos or (len(words) == 2 and words[1] in further)
                if not is_told and not is_explained(verb, tense, person, f"+{form}"):
                    open_.append((verb, tense, person, f"+{form}", "|".join(found)))
    print(f"{'tense':32} {'forms':>7} {'agree':>7} {'explained':>9} {'share':>7}")
    for tense in total:
        print(
            f"{tense:32} {total[tense]:7} {agreed[tense]:7} {explained[tense]:9} {agreed[tense] / total[tense]:7.4f}"
        )
    every = sum(total.values())
    print(f"{'all':32} {every:7} {sum(agreed.values()):7} {sum(explained.values()):9} {sum(agreed.values()) / every:7.4f}")
    print(f"{len(tables) - len(guessed)} verbs compared; left out, as verbecc only guesses them: {', '.join(guessed)}")
    wrong = [row for row in rows if used[tuple(map(str, row))] != (row[-1] or used[tuple(map(str, row))] or -1)]
    for row in wrong:
        print(f"explained, but {used[tuple(map(str, row))]} differences: {row}")
    for difference in open_:
        print("not explained:", *difference)
    if len(tables) - len(guessed) < 500:
        sys.exit("fewer than 500 verbs were compared")
    sys.exit(1 if open_ or wrong else 0)


main()
