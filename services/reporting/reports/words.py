"""Every word of a report, Swedish and English side by side."""

WORDS: dict[str, tuple[str, str]] = {
    # frame
    "progress": ("Lägesrapport", "Progress report"),
    "year": ("året {year}", "the year {year}"),
    "quarter": ("kvartal {quarter} {year}", "quarter {quarter} of {year}"),
    "month": ("{month} {year}", "{month} {year}"),
    "period_line": ("Period: {first} – {last}", "Period: {first} – {last}"),
    "whole_project": ("Hela projektet", "The whole project"),
    "eu": ("Medfinansieras av Europeiska unionen", "Co-funded by the European Union"),
    "eu_emblem": (
        "Europeiska unionens flagga: tolv gula stjärnor i en ring på blå botten. Medfinansieras av Europeiska unionen.",
        "The flag of the European Union: a circle of twelve yellow stars on blue. Co-funded by the European Union.",
    ),
    "eu_flag": ("Europeiska unionens flagga", "The flag of the European Union"),
    "page": ("Sida", "Page"),
    "of": ("av", "of"),
    "version": ("version {version}", "version {version}"),
    "contents": ("Innehåll", "Contents"),
    "skip": ("Till innehållet", "Skip to the content"),
    "key_figures": ("Nyckeltal", "Key figures"),
    "figure": ("Mått", "Measure"),
    "none": ("Inget att redovisa för perioden.", "Nothing to report for the period."),
    "total": ("Totalt", "Total"),
    "number_of": ("Antal", "Number"),
    "other_files": (
        "Samma siffror finns som HTML, PDF, XLSX, CSV och JSON.",
        "The same figures exist as HTML, PDF, XLSX, CSV and JSON.",
    ),
    # key figures
    "key_persons": ("unika deltagare", "unique participants"),
    "key_hours": ("intygade kurstimmar", "attested course hours"),
    "key_attainment": ("av åtagandet uppnått", "of the commitment attained"),
    "key_sessions": ("genomförda kurstillfällen", "sessions held"),
    "key_helped": ("fick hjälp att göra ett bättre jobb", "were helped to do a better job"),
    "key_confidence": ("av 5 i trygghet", "of 5 on confidence"),
    # summary
    "summary": ("Sammanfattning", "Summary"),
    "summary_people": (
        (
            "Under {period} deltog {persons} unika personer vid sammanlagt {participations} deltaganden i {courses} kurser. "
            "{held} kurstillfällen genomfördes och {cancelled} ställdes in."
        ),
        (
            "During {period}, {persons} unique persons took part, {participations} participations in all, in {courses} courses. "
            "{held} sessions were held and {cancelled} were cancelled."
        ),
    ),
    "summary_hours": (
        (
            "Deltagarna intygades {attested} kurstimmar under perioden. Till och med {last} har kommunerna tillsammans uppnått "
            "{attainment} av åtagandet på {commitment} timmar."
        ),
        (
            "The participants were attested {attested} course hours in the period. Up to and including {last} the municipalities "
            "have together attained {attainment} of the commitment of {commitment} hours."
        ),
    ),
    "summary_helped": (
        "{share} av {n} svarande säger att kursen i hög eller ganska hög grad har hjälpt dem att göra ett bättre jobb.",
        "{share} of {n} who answered say that the course helped them do a better job in a high or fairly high degree.",
    ),
    # co-financing
    "cofinancing": ("Medfinansiering", "Co-financing"),
    "cofinancing.caption": (
        "Åtaganden och intygade timmar per kommun",
        "Commitments and attested hours by municipality",
    ),
    "cofinancing_intro": (
        (
            "Kommunerna medfinansierar projektet med timmar som deras anställda deltar. Tabellen visar intygade timmar från projektets "
            "början till och med {last}, mot åtagandet för hela projektet. Uppnådd andel = intygade timmar ÷ åtagande. "
            "Projektets andel är summan av timmar genom summan av åtaganden, inte ett medelvärde av kommunernas andelar."
        ),
        (
            "The municipalities co-finance the project with hours that their employees attend. The table shows attested hours from "
            "the start of the project up to and including {last}, against the commitment for the whole project. "
            "Attainment = attested hours ÷ commitment. The project's attainment is the sum of hours divided by the sum of "
            "commitments, not a mean of the municipalities' shares."
        ),
    ),
    "cofinancing_unmatched": (
        "{hours} intygade timmar saknar en anställning som gällde den dagen och räknas inte till någon kommun.",
        "{hours} attested hours have no employment in force on that day and are credited to no municipality.",
    ),
    "municipality": ("Kommun", "Municipality"),
    "commitment_h": ("Åtagande (h)", "Commitment (h)"),
    "attested_h": ("Intygat (h)", "Attested (h)"),
    "claimable_h": ("Redovisningsbart (h)", "Claimable (h)"),
    "attainment": ("Uppnådd andel", "Attainment"),
    "forecast.caption": (
        "Prognos vid projektets slut, andel av åtagandet",
        "Forecast at the end of the project, share of the commitment",
    ),
    "forecast.low": ("Låg", "Low"),
    "forecast.at_end": ("Trolig", "Expected"),
    "forecast.high": ("Hög", "High"),
    "to_close_gap": ("Saknas i prognosen (h)", "Missing in the forecast (h)"),
    "attainment_chart": (
        "Uppnådd andel av åtagandet per kommun, procent",
        "Attainment of the commitment by municipality, per cent",
    ),
    "attainment_alt": (
        "Liggande stapeldiagram: uppnådd andel per kommun, från {high} ({high_value}) till {low} ({low_value}). Alla värden står i tabellen.",
        "Bar chart: attainment by municipality, from {high} ({high_value}) to {low} ({low_value}). All values are in the table.",
    ),
    # participants
    "participants": ("Unika deltagare", "Unique participants"),
    "participants_intro": (
        "En person räknas en gång, oavsett antal kurser. Den som varit anställd i två kommuner räknas en gång i totalen.",
        "A person is counted once, however many courses. Who was employed by two municipalities counts once in the total.",
    ),
    "by_gender": ("Kön", "Gender"),
    "by_gender.caption": ("Unika deltagare efter kön", "Unique participants by gender"),
    "by_age": ("Ålder", "Age"),
    "by_age.caption": ("Unika deltagare efter ålder", "Unique participants by age"),
    "persons": ("Personer", "Persons"),
    "share": ("Andel", "Share"),
    "gender.woman": ("Kvinnor", "Women"),
    "gender.man": ("Män", "Men"),
    "gender.non_binary": ("Icke-binära", "Non-binary"),
    "gender.unknown": ("Uppgift saknas", "Not known"),
    "age.under_18": ("Under 18 år", "Under 18"),
    "age.18_29": ("18–29 år", "18–29"),
    "age.30_54": ("30–54 år", "30–54"),
    "age.55_plus": ("55 år och äldre", "55 and over"),
    "age.unknown": ("Uppgift saknas", "Not known"),
    "age_chart": ("Åldersfördelning", "Distribution by age"),
    "age_alt": (
        "Stapeldiagram: unika deltagare efter ålder. Värdena står i tabellen över ålder.",
        "Bar chart: unique participants by age. The values are in the table of ages.",
    ),
    "by_municipality": ("Deltagare och deltaganden per kommun", "Participants and participations by municipality"),
    # participations
    "participations": ("Deltaganden", "Participations"),
    "participations_intro": (
        "Ett deltagande är en person på ett kurstillfälle med intygad tid.",
        "A participation is one person on one session with attested time.",
    ),
    "by_course": ("Kurs", "Course"),
    "by_course.caption": ("Deltaganden per kurs", "Participations by course"),
    "by_category": ("Personalkategori", "Category of staff"),
    "by_category.caption": ("Deltaganden per personalkategori", "Participations by category of staff"),
    "by_title": ("Yrkestitel", "Title"),
    "by_title.caption": ("Deltaganden per yrkestitel", "Participations by title"),
    "category.base": ("Baspersonal", "Base staff"),
    "category.licensed": ("Legitimerad personal", "Licensed staff"),
    "category.other": ("Övriga", "Other"),
    "category.unmatched": ("Utan gällande anställning", "No employment in force"),
    "title.unmatched": ("Utan gällande anställning", "No employment in force"),
    "title.service_assistant": ("Servicebiträde", "Service assistant"),
    "title.care_assistant": ("Vårdbiträde", "Care assistant"),
    "title.assistant_nurse": ("Undersköterska", "Assistant nurse"),
    "title.support_assistant": ("Stödassistent", "Support assistant"),
    "title.specialist_assistant_nurse": ("Specialistundersköterska", "Specialist assistant nurse"),
    "title.support_educator": ("Stödpedagog", "Support educator"),
    "title.nurse": ("Sjuksköterska", "Nurse"),
    "title.occupational_therapist": ("Arbetsterapeut", "Occupational therapist"),
    "title.physiotherapist": ("Fysioterapeut", "Physiotherapist"),
    "title.unit_manager": ("Enhetschef", "Unit manager"),
    "unmatched": ("Utan gällande anställning", "No employment in force"),
    "course_chart": ("Kurserna efter antal deltaganden", "The courses by participations"),
    "course_alt": (
        "Liggande stapeldiagram: deltaganden per kurs, flest i {high} ({high_value}). Alla värden står i tabellen.",
        "Bar chart: participations by course, most in {high} ({high_value}). All values are in the table.",
    ),
    # hours
    "hours": ("Kurstimmar", "Course hours"),
    "hours.caption": ("Tid i perioden", "Time in the period"),
    "hours_intro": (
        "En timme är 60 minuter. Tiden lagras i minuter och avrundas en gång, här.",
        "An hour is 60 minutes. Time is stored in minutes and rounded once, here.",
    ),
    "minutes": ("Minuter", "Minutes"),
    "hours_column": ("Timmar", "Hours"),
    "minutes.scheduled": ("Planerad tid för bekräftade deltagare", "Scheduled for confirmed participants"),
    "minutes.attended": ("Registrerad närvaro", "Attendance recorded"),
    "minutes.attested": ("Intygad närvaro", "Attendance attested"),
    "minutes.signed": ("Signerad av deltagaren", "Signed by the participant"),
    "minutes.claimable": ("Redovisningsbar tid", "Claimable"),
    "minutes.lost_to_rounding": ("Bortfall genom avrundning", "Lost to rounding"),
    "by_month": ("Månad", "Month"),
    "by_month.caption": ("Intygad tid per månad", "Attested time by month"),
    "month_chart": ("Intygade timmar per månad", "Attested hours by month"),
    "month_alt": (
        "Stapeldiagram: intygade timmar per månad, flest i {high} ({high_value}). Alla värden står i tabellen.",
        "Bar chart: attested hours by month, most in {high} ({high_value}). All values are in the table.",
    ),
    # sessions and seats
    "sessions": ("Kurstillfällen och platser", "Sessions and seats"),
    "sessions.caption": ("Kurstillfällen", "Sessions"),
    "sessions.held": ("Genomförda kurstillfällen", "Sessions held"),
    "sessions.cancelled": ("Inställda kurstillfällen", "Sessions cancelled"),
    "sessions.courses_offered": ("Kurser som erbjudits", "Courses offered"),
    "cause": ("Orsak", "Cause"),
    "cause.caption": ("Inställda kurstillfällen efter orsak", "Sessions cancelled by cause"),
    "cause.trainer-absent": ("Utbildningsledare frånvarande", "Trainer absent"),
    "cause.too-few": ("För få anmälda", "Too few registered"),
    "cause.venue": ("Lokal", "Venue"),
    "cause.blackout": ("Spärrperiod i kommunen", "Blackout period"),
    "cause.other": ("Annan orsak", "Other cause"),
    "seats": ("Platser", "Seats"),
    "seats.offered": ("Erbjudna platser på genomförda tillfällen", "Seats offered on sessions held"),
    "seats.confirmed": ("Bekräftade vid start", "Confirmed at the start"),
    "seats.cancelled_in_time": ("Avbokade i tid", "Cancelled in time"),
    "seats.cancelled_late": ("Sent avbokade", "Cancelled late"),
    "seats.no_show": ("Uteblivna", "No-shows"),
    "seats.walk_in": ("Deltog utan föranmälan", "Walk-ins"),
    "seats.fill_rate": ("Beläggning (närvarande ÷ erbjudna platser)", "Fill rate (present ÷ seats offered)"),
    # surveys
    "surveys": ("Deltagarnas svar", "What the participants say"),
    "surveys.caption": ("Deltagarenkäten", "The participants' survey"),
    "answers.caption": ("Svar per fråga", "Answers by question"),
    "surveys_intro": (
        "Svaren är anonyma och knutna till kurstillfället. Varje fråga redovisas med antalet svar (n).",
        "The answers are anonymous and tied to the session. Each question is shown with its number of answers (n).",
    ),
    "question": ("Fråga", "Question"),
    "answers_n": ("Svar (n)", "Answers (n)"),
    "result": ("Resultat", "Result"),
    "survey.invited": ("Tillfrågade", "Asked"),
    "survey.answered": ("Besvarade enkäter", "Surveys answered"),
    "survey.helped": (
        "Kursen hjälpte mig att göra ett bättre jobb: i hög eller ganska hög grad",
        "The course helped me do my job better: in a high or fairly high degree",
    ),
    "survey.helped.high": ("– varav i hög grad", "– of these in a high degree"),
    "survey.helped.fairly_high": ("– varav i ganska hög grad", "– of these in a fairly high degree"),
    "survey.confidence": (
        "Trygg med att använda det jag lärt mig (medelvärde, 1–5)",
        "Safe using what I learned (mean, 1–5)",
    ),
    "survey.language": (
        "Behövde språkstöd: fick det helt eller delvis",
        "Needed language support: got it fully or partly",
    ),
    "survey.language.fully": ("– varav helt", "– of these fully"),
    "survey.language.partly": ("– varav delvis", "– of these partly"),
    "survey.language.no": ("– fick inte språkstöd", "– got no language support"),
    "surveys_not_by_municipality": (
        "Svaren är anonyma och kan inte delas upp på kommun.",
        "The answers are anonymous and cannot be divided by municipality.",
    ),
    "manager_survey": ("Chefernas svar efter tre månader", "What the managers say after three months"),
    # trainers and the rest
    "trainers": ("Utbildningsledare och övrigt", "Trainers and other figures"),
    "trainers.caption": ("Utbildningsledare", "Trainers"),
    "approximate.caption": ("Ungefärliga uppgifter", "Approximate figures"),
    "trainers.qualified": ("Utbildningsledare med {code}", "Trainers with {code}"),
    "trainers.starting_later": ("– varav börjar senare", "– of these starting later"),
    "trainers.left": ("– varav har slutat", "– of these have left"),
    "approximate.head_counts": (
        "Ungefärliga antal utan namn (ingår inte i personer eller timmar)",
        "Approximate head counts without names (not part of persons or hours)",
    ),
    # about
    "about": ("Om rapporten", "About this report"),
    "about_intro": (
        (
            "Rapporten är fryst: den bygger på de uppgifter som hade kommit in när data bröts, och de sparas med den. Samma underlag ger "
            "samma siffror och samma filer. En rättelse ger en ny version."
        ),
        (
            "The report is frozen: it rests on what had arrived at its data cut-off, which is kept with it. The same rows give "
            "the same figures and the same files. A correction makes a new version."
        ),
    ),
    "about.caption": ("Rapportens uppgifter", "Identity of the report"),
    "about.id": ("Rapport-id", "Report id"),
    "about.version": ("Version", "Version"),
    "about.supersedes": ("Ersätter", "Supersedes"),
    "about.created_at": ("Data bröts", "Data cut-off"),
    "about.data_as_of": ("Senaste uppgift", "Latest fact"),
    "about.rows": ("Underlag", "Input rows"),
    "about.row_count": ("{count} pseudonyma rader", "{count} pseudonymous rows"),
    "about.hash": ("Kontrollsumma (SHA-256)", "Hash (SHA-256)"),
    "about.rules": ("Regler", "Rules"),
    "about.item": ("Uppgift", "Item"),
    "about.value": ("Värde", "Value"),
    "cut_off": ("Dataströmmar och nästa läsposition", "Streams and next position"),
    "stream": ("Dataström", "Stream"),
    "positions": ("Nästa position per partition", "Next position by partition"),
    "rules.name": ("Regel", "Rule"),
    "rules.from": ("från {day}", "from {day}"),
    "rules.value": ("Värde", "Value"),
    "rule.figures": ("Måttens regler, version", "Rules of the figures, version"),
    "rule.rounding": ("Avrundning", "Rounding"),
    "rule.breaks": ("Raster", "Breaks"),
    "rule.signature_required": ("Deltagaren ska signera", "Signature required"),
    "rule.illness_neutral": ("Sjukfrånvaro räknas inte som utebliven", "Illness is not a no-show"),
    "yes": ("ja", "yes"),
    "no": ("nej", "no"),
    # the spreadsheet
    "sheet.figures": ("Siffror", "Figures"),
    "sheet.cofinancing": ("Medfinansiering", "Co-financing"),
    "sheet.courses": ("Per kurs", "By course"),
    "sheet.months": ("Per månad", "By month"),
    "sheet.all": ("Alla mått", "All measures"),
    "sheet.rows": ("Underlag", "Rows"),
    "sheet.about": ("Om rapporten", "About"),
    "path": ("Beteckning", "Name of the figure"),
    "value": ("Värde", "Value"),
    "unit": ("Enhet", "Unit"),
    "session": ("Kurstillfälle", "Session"),
    "occasion": ("Datumtillfälle", "Occasion"),
    "texts": ("Texter", "Texts"),
    "participant": ("Deltagare (pseudonym)", "Participant (pseudonym)"),
    "date": ("Datum", "Date"),
    "attested_minutes": ("Intygade minuter", "Attested minutes"),
    "claimable_minutes": ("Redovisningsbara minuter", "Claimable minutes"),
}

UNITS: dict[str, tuple[str, str]] = {
    "persons": ("personer", "persons"),
    "participations": ("deltaganden", "participations"),
    "sessions": ("kurstillfällen", "sessions"),
    "courses": ("kurser", "courses"),
    "seats": ("platser", "seats"),
    "minutes": ("minuter", "minutes"),
    "hours": ("timmar", "hours"),
    "answers": ("svar", "answers"),
    "trainers": ("utbildningsledare", "trainers"),
    "share": ("andel", "share"),
    "mean": ("medelvärde", "mean"),
    "count": ("ungefärligt antal", "approximate count"),
}


class Words:
    """The words of one language: `words("total")`, with values filled in by name."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._column = 0 if language == "sv" else 1

    def __call__(self, key: str, **values: str | int) -> str:
        return WORDS[key][self._column].format(**values)

    def named(self, group: str, code: str) -> str:
        """The word for a code of a closed list, or the code itself when it is newer than this list."""
        return self(f"{group}.{code}") if f"{group}.{code}" in WORDS else code

    def unit(self, unit: str) -> str:
        return UNITS[unit][self._column]
